"""The few words that the batch itself puts on a page, in both languages."""

from __future__ import annotations

ALL_DISTRICTS = ("全部地区", "all districts")
"""What a run over all districts is called, as a district's names."""

WORDS = {
    "zh": {
        "code": "zh-CN",
        "made_by": "由 mchepi {version} 根据笔记本自动生成；代码与参数见输出文件夹中的 notebook.ipynb。",
        "tables": "表格数据：",
        "failed": "本页未能生成",
        "failed_where": "{who}：笔记本在第 {cell} 个代码单元中断，因此没有结果。其他地区不受影响。",
        "failed_outside": "{who}：笔记本未能运行完成，因此没有结果。其他地区不受影响。",
        "error": "错误",
        "cell": "出错的代码单元",
        "parameters": "参数",
        "again": "改正后，只重做这一页的命令",
        "DeadKernelError": "运行笔记本的进程突然终止，常见原因是内存不足。",
        "CellTimeoutError": "该单元超过了时间上限 {limit:g} 秒。",
        "WorkerDied": "运行笔记本的工作进程突然终止，常见原因是内存不足。",
    },
    "en": {
        "code": "en",
        "made_by": "Made from a notebook by mchepi {version}; code and parameters are in notebook.ipynb "
        "of the output folder.",
        "tables": "Tables as data:",
        "failed": "This page could not be made",
        "failed_where": "{who}: the notebook stopped in code cell {cell}, so there are no results. "
        "Other districts are not affected.",
        "failed_outside": "{who}: the notebook did not run to its end, so there are no results. "
        "Other districts are not affected.",
        "error": "Error",
        "cell": "The cell that failed",
        "parameters": "Parameters",
        "again": "Once it is put right, this command makes just this page again",
        "DeadKernelError": "The process that ran the notebook ended suddenly, most often for want of memory.",
        "CellTimeoutError": "The cell took longer than the limit of {limit:g} seconds.",
        "WorkerDied": "The worker process ended suddenly, most often for want of memory.",
    },
}
