"""Writes the files that the tests of the readers of tables read, and what they hold, as `expected.json`.

    pip install numpy pandas pyarrow openpyxl zstandard
    python3 tests/data/generate.py

The files are written by the libraries that people write such files with. An entry of `expected.json` has the file, the
settings of the reader (if any), the names, the values, and parts of the notes; or a part of the message of the error.
"""

import datetime
import decimal
import gzip
import io
import json
import math
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

HERE = Path(__file__).parent / "files"
CASES = []


def case(file, names=None, values=None, error=None, notes=(), **settings):
    """One expectation. NaN has no place in JSON, so kept values are finite."""
    if values is not None:
        values = [[float(value) for value in row] for row in values]
        assert all(math.isfinite(value) for row in values for value in row)
    CASES.append(
        {"file": file, "names": names, "values": values, "error": error, "notes": list(notes), "settings": settings}
    )


def plain(width):
    return [f"column {column + 1}" for column in range(width)]


def arrays():
    base = np.arange(1, 13).reshape(4, 3)
    for order, mark in (("<", "le"), (">", "be")):
        for kind in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"):
            values = base.astype(kind)
            if kind[0] == "i":
                values = values - 6
            if kind[0] == "f":
                values = values / 8 - 0.5
            values = values.astype(order + kind)
            for name, array in (("c", np.ascontiguousarray(values)), ("f", np.asfortranarray(values))):
                file = f"{kind}_{mark}_{name}.npy"
                np.save(HERE / file, array)
                case(file, plain(3), values)
    flags = base % 2 == 0
    np.save(HERE / "bool.npy", flags)
    case("bool.npy", plain(3), flags, notes=["read booleans as 0 or 1"])
    np.save(HERE / "one_axis.npy", np.array([1.5, 2.5, -3.0]))
    case("one_axis.npy", plain(1), [[1.5], [2.5], [-3.0]])
    large = np.array([[2**53, 2**53 + 1], [-(2**53) - 1, 7]], dtype=np.int64)
    np.save(HERE / "large.npy", large)
    case("large.npy", plain(2), large.astype(float), notes=["rounded 2 integers beyond 2^53 to float64, the first at row 1, column 2"])
    np.save(HERE / "large_unsigned.npy", np.array([2**64 - 1, 5], dtype=np.uint64))
    case("large_unsigned.npy", plain(1), [[float(2**64 - 1)], [5]], notes=["rounded 1 integer"])
    gaps = np.array([[1, np.nan, 3], [4, 5, 6], [np.nan, 8, 9], [10, 11, 12]])
    for name, array in (("c", gaps), ("f", np.asfortranarray(gaps))):
        file = f"gaps_{name}.npy"
        np.save(HERE / file, array)
        case(file, error=f'{file}: row 1, column 2: "NaN" is a missing value')
        case(
            file, plain(3), gaps[[1, 3]], missing="drop_rows",
            notes=["left out 2 rows with missing values: row 1, column 2; row 3, column 1"],
        )
        case(file, ["column 3", "column 1"], gaps[[0, 1, 3]][:, [2, 0]], missing="drop_rows", columns="3,1")
    np.save(HERE / "infinite.npy", np.array([[1.0, 2.0], [np.inf, 3.0]]))
    case("infinite.npy", error='infinite.npy: row 2, column 1: "inf" is not finite', missing="drop_rows")
    np.save(HERE / "constant.npy", np.array([[1.0, 7.0, 2.0], [3.0, 7.0, 4.0]]))
    case("constant.npy", ["column 1", "column 3"], [[1, 2], [3, 4]], constant="leave_out",
         notes=['left out 1 column with one value in all rows: "column 2" holds 7'])
    np.save(HERE / "cube.npy", np.zeros((2, 2, 2)))
    case("cube.npy", error="3 axes")
    np.save(HERE / "number.npy", np.float64(3))
    case("number.npy", error="a single number")
    np.save(HERE / "empty.npy", np.zeros((0, 3)))
    case("empty.npy", error="no rows of numbers")
    np.save(HERE / "complex.npy", np.zeros((2, 2), dtype=complex))
    case("complex.npy", error="complex numbers")
    np.save(HERE / "records.npy", np.zeros(2, dtype=[("a", "<f8"), ("b", "<i4", (2,))]))
    case("records.npy", error="records of several fields")
    np.save(HERE / "objects.npy", np.array([1, "x"], dtype=object))
    case("objects.npy", error="Python objects")
    np.save(HERE / "text.npy", np.array(["a", "b"]))
    case("text.npy", error="text")
    np.save(HERE / "times.npy", np.array(["2020-01-01"], dtype="M8[ns]"))
    case("times.npy", error="dates or times")
    np.savez(HERE / "stored.npz", x=base.astype(float), y=np.arange(3))
    np.savez_compressed(HERE / "deflated.npz", x=np.asfortranarray(base.astype(float)), y=np.arange(3))
    for file in ("stored.npz", "deflated.npz"):
        case(file, error='several arrays, so choose one by its name; it has "x", "y"')
        case(file, plain(3), base, array="x", notes=['took the array "x"'])
        case(file, plain(1), [[0], [1], [2]], array="y")
        case(file, error='no array "z"', array="z")
    np.savez(HERE / "one.npz", base)
    case("one.npz", plain(3), base, notes=['took the array "arr_0"'])
    case("one.npz", error="a sheet is chosen, which npz files do not have", sheet="a")


def parquet():
    rows = 100
    x = np.arange(rows) / 7
    y = (np.arange(rows) % 5).astype(np.int64)
    z = np.arange(rows, dtype=np.float32)
    table = pa.table({"x": x, "y": y, "z": z})
    values = np.column_stack([x, y, z])
    names = ["x", "y", "z"]
    notes = ['converted float32 to float64: "z"', 'converted int64 to float64: "y"']
    for codec in ("none", "snappy", "zstd", "gzip", "brotli", "lz4"):
        for version in ("1.0", "2.0"):
            file = f"{codec}_{version[0]}.parquet"
            pq.write_table(table, HERE / file, compression=codec, data_page_version=version, row_group_size=64,
                           data_page_size=128, use_dictionary=["y"])
            case(file, names, values, notes=notes)
    pq.write_table(table, HERE / "split.parquet", use_dictionary=False, use_byte_stream_split=["x", "z"],
                   column_encoding={"y": "DELTA_BINARY_PACKED"})
    case("split.parquet", names, values)
    case("split.parquet", ["z", "x"], values[:, [2, 0]], columns="z,1")
    case("split.parquet", error='no column "w"; the file has 3 columns: "x", "y", "z"', columns="w")

    typed = pa.table({
        "i8": pa.array([1, -2, 3], pa.int8()),
        "i16": pa.array([1, -2, 300], pa.int16()),
        "i32": pa.array([1, -2, 70000], pa.int32()),
        "i64": pa.array([1, 2**53 + 1, -(2**53) - 1], pa.int64()),
        "u8": pa.array([0, 1, 255], pa.uint8()),
        "u16": pa.array([0, 1, 65535], pa.uint16()),
        "u32": pa.array([0, 1, 2**32 - 1], pa.uint32()),
        "u64": pa.array([0, 1, 2**64 - 1], pa.uint64()),
        "f16": pa.array(np.array([0.5, -1, 65504], np.float16), pa.float16()),
        "f32": pa.array([0.1, 2, 3], pa.float32()),
        "f64": pa.array([0.1, 2, 3], pa.float64()),
        "flag": pa.array([True, False, True]),
        "d9": pa.array([decimal.Decimal("1.25"), decimal.Decimal("-3.10"), decimal.Decimal("0.01")], pa.decimal128(9, 2)),
        "d38": pa.array([decimal.Decimal(f"{n}.123456789") for n in (10**20, -7, 3)], pa.decimal128(38, 9)),
        "day": pa.array([datetime.date(2020, 1, n) for n in (1, 2, 3)]),
        "time": pa.array([datetime.datetime(2020, 1, n) for n in (1, 2, 3)]),
        "clock": pa.array([datetime.time(n) for n in (1, 2, 3)]),
        "word": pa.array(["a", "b", "c"]),
        "raw": pa.array([b"a", b"b", b"c"]),
        "list": pa.array([[1.0], [2.0, 3.0], []]),
        "pair": pa.array([{"a": 1, "b": 2}] * 3),
        "none": pa.nulls(3),
        "last": pa.array([5.0, 6.0, 7.0]),
    })
    numbers = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f16", "f32", "f64", "flag", "d9", "d38", "last"]
    kept = np.column_stack([[float(v) for v in typed[name].to_pylist()] for name in numbers])
    for file, options in (
        ("types.parquet", {}),
        ("types_old.parquet", {"version": "1.0"}),
        ("types_small_decimals.parquet", {"store_decimal_as_integer": True}),
    ):
        shown = typed
        if "old" in file:
            # The first version of the format has no float16 and no nanoseconds.
            shown = typed.drop_columns(["f16"])
        pq.write_table(shown, HERE / file, **options)
        here = [name for name in numbers if name in shown.column_names]
        case(file, here, kept[:, [numbers.index(name) for name in here]], notes=[
            'left out 2 columns of text: "word", "raw"',
            'left out 3 columns of dates or times: "day", "time", "clock"',
            'left out 2 columns of nested values: "list", "pair"',
            'left out 1 column without any value: "none"',
            "rounded 3 integers beyond 2^53",
            'read booleans as 0 or 1: "flag"',
            'converted uint16 to float64: "u16"',
            'converted decimals of 2 places to float64: "d9"',
        ])
    case("types.parquet", error='types.parquet: column 18 ("word") is one of text', columns="f64,word")
    case("types.parquet", ["f64"], [[0.1], [2], [3]], columns="f64,word", text="leave_out")

    gaps = pa.table({"a": pa.array([1.0, None, 3.0, math.nan, 5.0]), "b": pa.array([1, 2, None, 4, 5], pa.int32())})
    for version in ("1.0", "2.0"):
        file = f"gaps_{version[0]}.parquet"
        pq.write_table(gaps, HERE / file, data_page_version=version, row_group_size=2)
        case(file, error=f'{file}: row 2, column 1 ("a"): "null" is a missing value')
        case(file, ["a", "b"], [[1, 1], [5, 5]], missing="drop_rows", notes=[
            'left out 3 rows with missing values: row 2, column 1 ("a"); row 3, column 2 ("b"); row 4, column 1 ("a")'])
    pq.write_table(pa.table({"a": pa.array([None, None], pa.float64())}), HERE / "nulls.parquet")
    case("nulls.parquet", error="every one of 2 rows has a missing value", missing="drop_rows")
    pq.write_table(gaps.slice(0, 0), HERE / "no_rows.parquet")
    case("no_rows.parquet", error="no rows of numbers")
    pq.write_table(pa.table({"a": ["x", "y"]}), HERE / "words.parquet")
    case("words.parquet", error="no column of numbers is left: left out 1 column of text")
    frame = pd.DataFrame({"a": [1.5, 2.5, 3.5, 4.5], "b": [1, 2, 3, 4]}).iloc[[3, 1, 0]]
    frame.to_parquet(HERE / "pandas.parquet")
    case("pandas.parquet", ["a", "b"], [[4.5, 4], [2.5, 2], [1.5, 1]],
         notes=['left out 1 column that pandas wrote as an index: "__index_level_0__"'])


def sheets():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Data"
    sheet.append(["id", "x", "y", "flag", "day", "text number"])
    for row in range(5):
        sheet.append([f"r{row}", row / 4, row * row, row % 2 == 0, datetime.date(2020, 1, row + 1), str(row)])
    sheet["A12"] = None
    sheet["B12"].number_format = "0.00"
    other = book.create_sheet("Other")
    other.append([1, 2])
    other.append([3, 4])
    book.create_sheet("Blank")
    book.save(HERE / "two.xlsx")
    case("two.xlsx", error='several sheets, so choose one by its name; it has "Data", "Other"')
    case("two.xlsx", error='no sheet "Third"', sheet="Third")
    case("two.xlsx", plain(2), [[1, 2], [3, 4]], sheet="Other", notes=['took the sheet "Other"'])
    case("two.xlsx", ["x", "y", "flag", "text number"], [[r / 4, r * r, r % 2 == 0, r] for r in range(5)], sheet="Data",
         notes=['left out 1 column of text: "id"', 'left out 1 column of dates or times: "day"', "read 5 booleans",
                "read 5 numbers that the sheet holds as text"])
    case("two.xlsx", ["y"], [[r * r] for r in range(5)], sheet="Data", columns="y")
    case("two.xlsx", error='row 2, column 1 ("id"): "r0" is not a number', sheet="Data", columns="id")

    book = openpyxl.Workbook()
    sheet = book.active
    sheet["C3"], sheet["D3"] = "a", "b"
    cells = [(1, 2), (3, "#N/A"), (5, 6), ("#DIV/0!", 8), (None, 10), (11, "NA"), (13, 14)]
    for row, (a, b) in enumerate(cells, start=4):
        for column, value in (("C", a), ("D", b)):
            cell = sheet[f"{column}{row + (row > 8)}"]
            cell.value = value
            if isinstance(value, str) and value.startswith("#"):
                cell.data_type = "e"
    book.save(HERE / "errors.xlsx")
    case("errors.xlsx", error='row 5, column 4 ("b"): "#N/A" is a missing value')
    case("errors.xlsx", ["a", "b"], [[1, 2], [5, 6], [13, 14]], missing="drop_rows", notes=["left out 4 rows"])
    book = openpyxl.Workbook()
    sheet = book.active
    for row in ([1, 2], [3, "oops"], [5, 6]):
        sheet.append(row)
    book.save(HERE / "stray.xlsx")
    case("stray.xlsx", error='row 2, column 2: "oops" is not a number')
    openpyxl.Workbook().save(HERE / "empty.xlsx")
    case("empty.xlsx", error="no rows of numbers")
    pd.DataFrame({"a": [1.0, 2.0], "b": [0.1, 1e-300]}).to_excel(HERE / "pandas.xlsx")
    case("pandas.xlsx", ["a", "b"], [[1, 0.1], [2, 1e-300]])
    # A formula with the value that a program saved with it.
    with zipfile.ZipFile(HERE / "pandas.xlsx") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    text = files[name].decode()
    assert "<v>2</v>" in text
    files[name] = text.replace("<v>2</v>", "<f>1+1</f><v>2</v>").encode()
    with zipfile.ZipFile(HERE / "formula.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    case("formula.xlsx", ["a", "b"], [[1, 0.1], [2, 1e-300]])
    # One cell at the end of all sheets.
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 2
    book.save(HERE / "far.xlsx")
    case("far.xlsx", error='row 1, column 16384: "" is a missing value')


def text():
    (HERE / "packed.npy.gz").write_bytes(gzip.compress((HERE / "one_axis.npy").read_bytes(), mtime=0))
    case("packed.npy.gz", error="a compressed file of another format than text, which is not read; unpack it")
    (HERE / "other.json").write_text('[{"a": 1}, {"a": 2}]')
    case("other.json", error="a JSON, XML or HTML file")
    (HERE / "index.csv").write_text(",a\nx,1\ny,2\n")
    case("index.csv", ["a"], [[1], [2]], notes=["left out 1 column without a name"])
    lines = "name,a,b,c\nx,1,2.5,NA\ny,3,4.5,?\n" + "".join(f"z,{n},{n / 2},{n % 3}\n" for n in range(20))
    values = [[n, n / 2, n % 3] for n in range(20)]
    head, tail = lines[:40].encode(), lines[40:].encode()
    (HERE / "plain.csv").write_bytes(head + tail)
    (HERE / "members.csv.gz").write_bytes(gzip.compress(head, mtime=0) + gzip.compress(tail, mtime=0))
    packer = zstandard.ZstdCompressor(write_checksum=True)
    skipped = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
    (HERE / "frames.csv.zst").write_bytes(packer.compress(head) + skipped + packer.compress(tail))
    (HERE / "utf16.csv").write_bytes(lines.encode("utf-16"))
    for file in ("plain.csv", "members.csv.gz", "frames.csv.zst", "utf16.csv"):
        case(file, error=f'{file}:2: column 4 ("c"): "NA" is a missing value')
        case(file, ["a", "b", "c"], values, missing="drop_rows", notes=[
            'left out 1 column of text: "name"',
            'left out 2 rows with missing values: line 2, column 4 ("c"); line 3, column 4 ("c")'])
        case(file, ["b"], [[2.5], [4.5]] + [[n / 2] for n in range(20)], columns="b")
    case("plain.csv", error='plain.csv:2: column 1 ("name"): "x" is not a number', columns="name", missing="drop_rows")
    (HERE / "stray.csv").write_text("a,b\n1,2\n3,four\n")
    case("stray.csv", error='stray.csv:3: column 2 ("b"): "four" is not a number')
    (HERE / "large.csv").write_text("a,b,c\n1,,9007199254740993\n2,,5\n")
    case("large.csv", ["a", "c"], [[1, float(2**53)], [2, 5]], notes=[
        'left out 1 column without any value: "b"',
        'rounded 1 integer beyond 2^53 to float64, the first at line 2, column 3 ("c")'])
    (HERE / "separators.csv").write_text(",\n,\n")
    case("separators.csv", error="no column of numbers is left")
    (HERE / "wrong.npy").write_text("a,b\n1,2\n")
    case("wrong.npy", error="the name is that of a file of npy, the content is not")
    (HERE / "other.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(32))
    case("other.h5", error="an HDF5 file, which is not read")
    buffer = io.BytesIO()
    pd.DataFrame({"a": [1.0]}).to_feather(buffer)
    (HERE / "other.feather").write_bytes(buffer.getvalue()[:64])
    case("other.feather", error="an Arrow or Feather file, which is not read")


def main():
    HERE.mkdir(exist_ok=True)
    for old in HERE.iterdir():
        old.unlink()
    for write in (arrays, parquet, sheets, text):
        write()
    size = sum(file.stat().st_size for file in HERE.iterdir())
    lines = ",\n".join(json.dumps(case) for case in CASES)
    (Path(__file__).parent / "expected.json").write_text(f"[\n{lines}\n]\n")
    print(f"{len(list(HERE.iterdir()))} files, {size} bytes; {len(CASES)} expectations")


main()
