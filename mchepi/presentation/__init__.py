"""Frames become tables, figures and sentences in Chinese or English."""
