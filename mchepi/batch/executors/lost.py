"""The one exception for machines that can do no further job."""


class ExecutorLost(Exception):
    """Why an executor can do no further job: neither a fault of this job nor one of its notebook."""
