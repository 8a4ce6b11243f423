"""The page: in one language, without code, inert, small, the same each time."""

from __future__ import annotations

import base64
import html
import re

import nbformat
import pytest
from bs4 import BeautifulSoup
from toy_project import code, notebook, prose

from mchepi.batch import page as page_module
from mchepi.batch.page import Failure, Head, render_page
from mchepi.batch.words import EXPLANATIONS, WORDS, explained

HEAD = Head(
    analysis="toy",
    lang="zh",
    district="152223",
    names=("扎赉特旗", "Jalaid Banner"),
    parameters={"district": "152223", "data": "toy"},
    version="0.1.0",
    repeat="mchepi run params/toy.yaml --only 152223 --lang zh",
    by_hand="jupyter lab outputs/zh/toy/152223/notebook.ipynb",
    cell_timeout=5,
)
EVIL = '<script>alert("1")</script><img src=x onerror=alert(2)>'


def head(**changes: object) -> Head:
    return Head(**{**HEAD.__dict__, **changes})


def shown(*outputs: nbformat.NotebookNode, tags: tuple[str, ...] = (), **changes: object) -> str:
    cell = code("SECRET = 1", *tags)
    cell.outputs = list(outputs)
    return render_page(notebook(cell), head(**changes))


def body(page: str) -> str:
    return page.split("<main>")[1].split("</main>")[0]


def result(**data: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_output(
        "display_data", data={kind.replace("_", "/"): text for kind, text in data.items()}
    )


def test_the_frame_of_a_page():
    page = render_page(notebook(prose("# 标题")), HEAD, ["tables/a b.csv"])
    assert page.startswith("<!DOCTYPE html>")
    assert '<html lang="zh-CN">' in page
    assert "<title>toy – 扎赉特旗 Jalaid Banner</title>" in page
    assert '<nav id="site"><!-- site navigation --></nav>' in page
    assert "<span>扎赉特旗 (152223)</span>" in page
    assert "<h1>标题</h1>" in page
    assert '<a href="tables/a%20b.csv">a b.csv</a>' in page
    assert "mchepi 0.1.0" in page


def test_the_frame_follows_the_language():
    page = render_page(notebook(prose("# Title")), head(lang="en"))
    assert '<html lang="en">' in page
    assert "<span>Jalaid Banner (152223)</span>" in page
    assert "Made from a notebook by mchepi 0.1.0" in page
    assert not re.search(r"[\u4e00-\u9fff]", page.replace("扎赉特旗", ""))


def test_only_the_cells_of_the_language_are_shown():
    cells = [
        prose("两种"),
        prose("中文", "lang-zh"),
        prose("English", "lang-en"),
        prose("both", "lang-zh", "lang-en"),
    ]
    assert re.findall(r"<p>(.*?)</p>", body(render_page(notebook(*cells), HEAD))) == ["两种", "中文", "both"]
    assert re.findall(r"<p>(.*?)</p>", body(render_page(notebook(*cells), head(lang="en")))) == [
        "两种",
        "English",
        "both",
    ]


def test_code_stderr_and_hidden_cells_are_not_shown():
    page = shown(
        nbformat.v4.new_output("stream", name="stdout", text="out\n"),
        nbformat.v4.new_output("stream", name="stderr", text="noise\n"),
        nbformat.v4.new_output("execute_result", data={"text/plain": "42"}),
    )
    assert "out" in body(page)
    assert "42" in body(page)
    assert "noise" not in page
    assert "SECRET" not in page
    assert "<main>" in page
    assert body(shown(result(text_plain="42"), tags=("hide-output",))).strip() == ""


def test_rendering_leaves_the_notebook_as_it_is():
    cell = code("x", "hide-output")
    ran = notebook(prose("中文", "lang-zh"), cell)
    before = nbformat.writes(ran)
    render_page(ran, head(lang="en"))
    assert nbformat.writes(ran) == before


def test_text_is_escaped_and_names_are_inert():
    page = shown(
        nbformat.v4.new_output("stream", name="stdout", text=EVIL),
        result(text_plain=EVIL),
        names=(EVIL, EVIL),
        district=EVIL,
    )
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_no_script_and_nothing_fetched_whatever_an_output_holds():
    page = shown(
        nbformat.v4.new_output(
            "display_data", data={"application/javascript": "alert(1)", "text/plain": "plain"}
        ),
        nbformat.v4.new_output(
            "display_data",
            data={"application/vnd.jupyter.widget-view+json": {"model_id": "a"}, "text/plain": "bar"},
        ),
    )
    assert "<script" not in page
    assert "alert" not in page
    assert "plain" in body(page)
    assert "bar" in body(page)
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy[1] == "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'"
    assert re.findall(r"https?://", page) == []


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg"])
def test_pictures_are_embedded_with_their_description(kind: str):
    output = result(**{kind: base64.b64encode(b"png").decode()})
    output.metadata[kind] = {"alt": "rates by year"}
    (picture,) = BeautifulSoup(shown(output), "html.parser").find_all("img")
    assert picture["src"].strip() == f"data:{kind};base64,cG5n"
    assert picture["alt"] == "rates by year"


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "image/svg+xml"])
@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "没有文字说明的图"), ("en", "A picture without a description")]
)
def test_a_picture_that_nobody_described_says_so(kind: str, lang: str, words: str):
    (picture,) = BeautifulSoup(shown(result(**{kind: "cG5n"}), lang=lang), "html.parser").find_all("img")
    assert picture["alt"] == words
    assert picture["src"].startswith(f"data:{kind};base64,")


def test_a_table_is_shown_as_it_was_written():
    assert "<table><tr><td>2.10</td></tr></table>" in shown(
        result(text_html="<table><tr><td>2.10</td></tr></table>")
    )


def test_the_frame_is_small():
    assert len(render_page(notebook(prose("# x")), HEAD).encode()) < 8_000


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_is_the_one_that_nbconvert_makes(lang: str):
    """Of our template, with copies, validations and a parser over the page; written as that parser writes."""
    attached = prose("![](attachment:a.png)")
    attached.attachments = {"a.png": {"image/png": base64.b64encode(b"png").decode()}}
    cell, failed = code("x"), code("y")
    pieces = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in ("one\n", "50%\r100%\n")]
    cell.outputs = [
        *pieces,
        result(text_html="<table><tr><td>&nbsp;<br>1 &lt; 2</td></tr></table>"),
        result(text_markdown="*a* & b"),
        result(**{"image/png": "cG5n"}),
        nbformat.v4.new_output("execute_result", data={"text/plain": "<42>"}, execution_count=1),
    ]
    failed.outputs = [nbformat.v4.new_output("error", ename="E", evalue="<v>", traceback=["t"])]
    written = notebook(prose("# 标题 *a* $x$"), attached, prose("[link](files/x) <b>html</b>"), cell, failed)
    failure = Failure("ValueError", "no\x1b[31m such", 3, "x < 1")
    for given in ({}, {"tables": ["tables/a b.csv"]}, {"failure": failure}):
        own = page_module._resources(head(lang=lang), **given)
        expected, _ = page_module.new_exporter().from_notebook_node(written, resources=own)
        for _ in range(2):
            page = render_page(written, head(lang=lang), **given)
            assert str(BeautifulSoup(page, "html.parser")) == expected
    assert "data:image/png;base64" in render_page(written, head(lang=lang))


def test_the_same_notebook_gives_the_same_page():
    assert shown(result(text_plain="42")) == shown(result(text_plain="42"))


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (
            "zh",
            [
                "本页未能生成",
                "扎赉特旗 (152223)：笔记本在第 3 个代码单元中断",
                "出错的代码单元",
                "改正后，只重做这一页的命令",
            ],
        ),
        (
            "en",
            ["This page could not be made", "Jalaid Banner (152223): the notebook stopped in code cell 3"],
        ),
    ],
)
def test_a_failure_is_said_in_plain_words(lang: str, expected: list[str]):
    cell = code("x")
    cell.outputs = [result(text_plain="a result before the failure")]
    failure = Failure("ValueError", "\x1b[31mno births\x1b[0m <b>", 3, "rate(births < 0)")
    page = render_page(notebook(cell), head(lang=lang), failure=failure)
    for words in expected:
        assert words in page
    assert "<pre>ValueError: no births &lt;b&gt;</pre>" in page
    assert "<pre>rate(births &lt; 0)</pre>" in page
    assert "<tr><th>data</th><td>toy</td></tr>" in page
    assert "<pre>mchepi run params/toy.yaml --only 152223 --lang zh</pre>" in page
    assert "<pre>jupyter lab outputs/zh/toy/152223/notebook.ipynb</pre>" in page
    assert "a result before" not in page


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("DeadKernelError", "ended suddenly, most often for want of memory (the limit is 2 GB)."),
        ("CellTimeoutError", "took longer than the limit of 5 seconds, which --cell-timeout sets."),
        (
            "NotebookTimeoutError",
            "longer in all than the limit of 90 seconds, which --notebook-timeout sets.",
        ),
        ("MemoryError", "needed more memory than there is (the limit is 2 GB)."),
        ("WorkerDied", "The worker process ended suddenly"),
        ("FileNotFoundError", "A file that the notebook reads does not exist."),
        ("NameError", "There is a mistake in the notebook's code."),
    ],
)
def test_what_a_user_cannot_know_is_explained(name: str, words: str):
    limited = head(lang="en", notebook_timeout=90, memory_limit=2 * 10**9)
    page = render_page(notebook(), limited, failure=Failure(name, ""))
    assert words in html.unescape(page)
    assert "did not run to its end" in page
    assert f"<pre>{name}</pre>" in page


@pytest.mark.parametrize("name", ["error", "code", "format", "{cell_timeout}"])
def test_an_error_of_a_curious_name_is_not_explained(name: str):
    page = render_page(notebook(), head(lang="en"), failure=Failure(name, "x"))
    assert body(page).count("<p>") == 2
    assert f"<pre>{name}: x</pre>" in page


def test_every_explanation_is_in_both_languages_and_needs_no_limit():
    assert EXPLANATIONS["zh"].keys() == EXPLANATIONS["en"].keys()
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    for lang, explanations in EXPLANATIONS.items():
        for name in explanations:
            words = explained(name, lang, cell_timeout=5)
            assert words.endswith("。" if lang == "zh" else ".")
            assert not set(words) & set("{}（" if lang == "zh" else "{}(")


def test_a_long_message_is_cut():
    assert "x" * 2001 not in render_page(notebook(), HEAD, failure=Failure("E", "x" * 100_000))
