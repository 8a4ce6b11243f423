"""The few words that the batch itself puts on a page, in both languages."""

from __future__ import annotations

from .limits import shown_bytes

ALL_DISTRICTS = ("全部地区", "all districts")
"""What a run over all districts is called, as a district's names."""

WORDS = {
    "zh": {
        "code": "zh-CN",
        "made_by": "由 mchepi {version} 根据笔记本自动生成；代码与参数见输出文件夹中的 notebook.ipynb。",
        "tables": "表格数据：",
        "picture": "没有文字说明的图",
        "failed": "本页未能生成",
        "failed_where": "{who}：笔记本在第 {cell} 个代码单元中断，因此没有结果。其他地区不受影响。",
        "failed_outside": "{who}：笔记本未能运行完成，因此没有结果。其他地区不受影响。",
        "error": "错误",
        "cell": "出错的代码单元",
        "parameters": "参数",
        "again": "改正后，只重做这一页的命令",
        "by_hand": "在 JupyterLab 中查看",
        "by_hand_how": "打开后选择“运行 › 运行所有单元格”：参数已写在其中，数据仍从原处读取。"
        "运行时写出的文件留在这一页的文件夹中，重做这一页时会被替换。命令须在项目文件夹中输入。",
    },
    "en": {
        "code": "en",
        "made_by": "Made from a notebook by mchepi {version}; code and parameters are in notebook.ipynb "
        "of the output folder.",
        "tables": "Tables as data:",
        "picture": "A picture without a description",
        "failed": "This page could not be made",
        "failed_where": "{who}: the notebook stopped in code cell {cell}, so there are no results. "
        "Other districts are not affected.",
        "failed_outside": "{who}: the notebook did not run to its end, so there are no results. "
        "Other districts are not affected.",
        "error": "Error",
        "cell": "The cell that failed",
        "parameters": "Parameters",
        "again": "Once it is put right, this command makes just this page again",
        "by_hand": "To look into it in JupyterLab",
        "by_hand_how": "Then Run › Run All Cells: the parameters are in it, the data are read from where "
        "they are. Files that it writes stay in the page's folder until the page is made again. "
        "Commands are typed in the project's folder.",
    },
}

_CODE_ZH = "笔记本的代码有误。"
_CODE_EN = "There is a mistake in the notebook's code."
EXPLANATIONS = {
    "zh": {
        "MemoryError": "笔记本需要的内存超过了可用内存{memory_limit}。"
        "可用 --memory-limit 提高上限，或用 --jobs 减少同时运行的页数。",
        "DeadKernelError": "运行笔记本的进程突然终止，常见原因是内存不足{memory_limit}。",
        "WorkerDied": "运行笔记本的工作进程突然终止，常见原因是内存不足{memory_limit}。",
        "CellTimeoutError": "该单元超过了时间上限 {cell_timeout:g} 秒。上限用 --cell-timeout 设定。",
        "NotebookTimeoutError": "整个笔记本超过了时间上限 {notebook_timeout:g} 秒。"
        "上限用 --notebook-timeout 设定。",
        "DataError": "数据不能按现状使用；mchepi check 列出全部问题。",
        "ValueError": "某个值不符合计算的要求；下面的错误信息指明是哪一个。",
        "KeyError": "数据中没有这个名称的列或行。",
        "FileNotFoundError": "笔记本要读的文件不存在。",
        "PermissionError": "没有权限读写某个文件。",
        "ModuleNotFoundError": "笔记本需要的程序包没有安装。",
        **dict.fromkeys(("AttributeError", "NameError", "SyntaxError", "TypeError"), _CODE_ZH),
    },
    "en": {
        "MemoryError": "The notebook needed more memory than there is{memory_limit}. "
        "--memory-limit sets the limit; with fewer --jobs there is more for each page.",
        "DeadKernelError": "The process that ran the notebook ended suddenly, most often for want of memory"
        "{memory_limit}.",
        "WorkerDied": "The worker process ended suddenly, most often for want of memory{memory_limit}.",
        "CellTimeoutError": "The cell took longer than the limit of {cell_timeout:g} seconds, "
        "which --cell-timeout sets.",
        "NotebookTimeoutError": "The notebook took longer in all than the limit of {notebook_timeout:g} "
        "seconds, which --notebook-timeout sets.",
        "DataError": "The data cannot be used as they are; mchepi check lists all that is wrong.",
        "ValueError": "A value is not what the calculation needs; the message below says which.",
        "KeyError": "The data have no column or row of this name.",
        "FileNotFoundError": "A file that the notebook reads does not exist.",
        "PermissionError": "A file may not be read or written.",
        "ModuleNotFoundError": "A package that the notebook needs is not installed.",
        **dict.fromkeys(("AttributeError", "NameError", "SyntaxError", "TypeError"), _CODE_EN),
    },
}
LIMITED_TO = {"zh": "（上限 {}）", "en": " (the limit is {})"}


def explained(
    error: str,
    lang: str,
    *,
    cell_timeout: float,
    notebook_timeout: float | None = None,
    memory_limit: int | None = None,
) -> str:
    """Say in plain words what the error of this name means under these limits, where that is known."""
    return (
        EXPLANATIONS[lang]
        .get(error, "")
        .format(
            cell_timeout=cell_timeout,
            notebook_timeout=notebook_timeout or 0,
            memory_limit=LIMITED_TO[lang].format(shown_bytes(memory_limit)) if memory_limit else "",
        )
    )
