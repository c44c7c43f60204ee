"""Files that a person names: one sentence for each way in which one can be wrong."""

import pytest

from residency import files
from residency.errors import ResidencyError


def refused(file, *, read=files.data_of):
    with pytest.raises(ResidencyError) as told:
        read(file)
    said = str(told.value)
    assert len(said.splitlines()) == 1
    return said.replace(str(file), "FILE")


def written(tmp_path, content):
    file = tmp_path / "answers.yaml"
    file.write_bytes(content)
    return file


def test_folder_is_no_file(tmp_path):
    assert refused(tmp_path) == '"FILE" is a folder; name a file.'


def test_file_that_is_not_there(tmp_path):
    assert refused(tmp_path / "x") == '"FILE" is no file; there is nothing of that name.'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", '"FILE" is empty.'),
        (b" \n\t\n", '"FILE" is empty.'),
        (b"\xff\xfe\x00a", '"FILE" is no text; save it as a text file, in UTF-8.'),
        (b"\x7fELF\x01\x00", '"FILE" is no text; save it as a text file, in UTF-8.'),
        (b"a: [1", "FILE:1:6: no YAML or JSON: expected ',' or ']', but got '<stream end>'."),
        (b"{" * 5_000, '"FILE" is no YAML or JSON: it is too deep.'),
        (b"a: 2026-02-31", '"FILE" is no YAML or JSON: day is out of range for month.'),
    ],
)
def test_file_that_holds_nothing_to_read(tmp_path, content, said):
    assert refused(written(tmp_path, content)) == said


def test_file_that_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST", 1024**2)

    said = refused(written(tmp_path, b"a" * (1024**2 + 1)), read=files.text_of)

    assert said == '"FILE" is too large; at most 1 MB are read.'


def test_file_that_repeats_itself_without_end(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    said = refused(written(tmp_path, "\n".join(lines).encode()))

    assert said == '"FILE" holds too much; at most 200,000 values are read.'


def test_file_with_a_mark_of_its_encoding_is_read(tmp_path):
    assert files.data_of(written(tmp_path, b"\xef\xbb\xbfa: yes")) == {"a": "yes"}


def test_json_is_read_too(tmp_path):
    assert files.data_of(written(tmp_path, b'{"a": [1, null]}')) == {"a": [1, None]}
