"""Workbooks to fill in: a list of people, and the list of units as it stands now."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from server.people.administration import rosters, unitlists
from server.people.administration.tables import Column
from server.people.organisation import Unit

UNIT_COLUMN = [column.field for column in rosters.COLUMNS].index("unit")
PEOPLE_WIDTHS = (30, 40, 44, 22, 18, 10)
PEOPLE_NOTES = (
    "Mỗi người một dòng ở trang “Danh sách”. Ví dụ: Nguyễn Thị Minh Hạnh; Phó Giám đốc Sở Y tế; Sở Y tế; hanhntm.syt.",
    f"Mỗi tệp nhiều nhất {rosters.MOST_ROWS} người.",
    "Bắt buộc: Họ và tên, Đơn vị (quản trị đơn vị để trống cột Đơn vị được).",
    "Đơn vị: ghi đúng tên hoặc tên viết gọn ở trang “Đơn vị”. Đơn vị chưa có thì nhập ở mục Cơ cấu tổ chức trước.",
    "Tên đăng nhập: chữ thường không dấu, số, dấu chấm. Để trống thì chưa mở tài khoản, vẫn mời họp được.",
    "Thứ tự: để trống thì theo chức vụ.",
    "Người đã có (cùng tên đăng nhập, hoặc cùng họ tên trong đơn vị) được sửa theo dòng đó; ô trống giữ nguyên.",
    "Quyền quản trị, thư ký… không nhận từ tệp; cấp cho từng người trên màn hình Quản trị.",
)
PARENT_COLUMN = [column.field for column in unitlists.COLUMNS].index("parent")
KIND_COLUMN = [column.field for column in unitlists.COLUMNS].index("kind")
UNIT_WIDTHS = (52, 24, 24, 44, 10, 30)
UNIT_NOTES = (
    "Trang “Đơn vị” có sẵn các đơn vị đang dùng, mỗi đơn vị một dòng. Sửa ngay trên dòng, thêm dòng cho đơn vị mới.",
    "Dòng không cần sửa cứ để nguyên hoặc xóa đi: đơn vị không có trong tệp vẫn giữ nguyên.",
    f"Mỗi tệp nhiều nhất {unitlists.MOST_UNITS} đơn vị.",
    "Bắt buộc: Tên đơn vị. Ví dụ: Sở Y tế tỉnh Lam Giang; Sở Y tế; Sở, ban, ngành; UBND tỉnh Lam Giang; 12.",
    "Trực thuộc: tên, tên viết gọn hoặc mã của đơn vị cấp trên, đã có hoặc ở một dòng khác của tệp."
    " Đơn vị mới để trống ô này là cấp trên cùng.",
    f"Loại: {'; '.join(unitlists.KINDS.values())}. Để trống thì là {unitlists.KINDS['agency']}.",
    "Thứ tự: số theo thứ tự lễ tân trong cùng cấp. Đơn vị mới để trống thì xếp sau, theo thứ tự trong tệp.",
    "Mã: đơn vị đã có giữ nguyên mã; đổi tên hoặc chuyển cấp trên phải có mã. Đơn vị mới để trống,"
    " hoặc ghi mã định danh (chữ không dấu, số, dấu chấm, gạch nối); mã không đổi được nữa.",
    "Ô trống giữ nguyên điều đã có. Thôi dùng một đơn vị thì làm trên màn hình Cơ cấu tổ chức.",
)


class Choice(NamedTuple):
    """A column with a list to choose from, another text being possible."""

    column: int
    rows: int
    source: str


def people_template(units: Sequence[Unit]) -> bytes:
    """The list with its head, the units one may write, and how it is filled in."""
    book = _Book()
    people = book.table("Danh sách", rosters.COLUMNS, PEOPLE_WIDTHS, ())
    book.lines("Đơn vị", [("Tên đơn vị", "Tên viết gọn"), *((unit.name, unit.short) for unit in units)])
    book.lines("Hướng dẫn", [(note,) for note in PEOPLE_NOTES])
    book.choose(people, Choice(UNIT_COLUMN, rosters.MOST_ROWS, f"='Đơn vị'!$A$2:$A${len(units) + 1}"))
    return book.content()


def units_template(units: Sequence[Unit]) -> bytes:
    """The units as they are, to change and to add to; read as it is, it changes nothing."""
    book = _Book()
    names = {unit.id: unit.name for unit in units}
    several = {name for name, count in Counter(names.values()).items() if count > 1}

    def written(unit: Unit) -> tuple[str, ...]:
        above = names.get(unit.parent, "")
        parent = unit.parent if above in several else above
        return unit.name, unit.short, unitlists.KINDS.get(unit.kind, unit.kind), parent, str(unit.order), unit.id

    sheet = book.table("Đơn vị", unitlists.COLUMNS, UNIT_WIDTHS, [written(unit) for unit in units])
    kinds = list(unitlists.KINDS.values())
    book.lines("Loại", [(kind,) for kind in kinds])
    book.lines("Hướng dẫn", [(note,) for note in UNIT_NOTES])
    most = unitlists.MOST_UNITS
    book.choose(sheet, Choice(KIND_COLUMN, most, f"='Loại'!$A$1:$A${len(kinds)}"))
    book.choose(sheet, Choice(PARENT_COLUMN, most, f"=$A$2:$A${most + 1}"))
    return book.content()


class _Book:
    """A workbook being written; every cell is text, nothing a formula."""

    def __init__(self) -> None:
        import xlsxwriter

        self._written = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(self._written, options)
        base = {"font_name": "Times New Roman", "font_size": 12}
        self._head = self._book.add_format({**base, "bold": True, "border": 1, "bg_color": "#E7ECEA"})
        self._cell = self._book.add_format({**base, "num_format": "@"})

    def table(self, name: str, columns: Sequence[Column], widths: Sequence[int], rows: Sequence[Sequence[str]]) -> Any:
        """A sheet with a head that stays in sight."""
        sheet = self._book.add_worksheet(name)
        for at, (column, width) in enumerate(zip(columns, widths, strict=True)):
            sheet.set_column(at, at, width, self._cell)
            sheet.write_string(0, at, column.head, self._head)
        sheet.freeze_panes(1, 0)
        self._fill(sheet, 1, rows)
        return sheet

    def lines(self, name: str, lines: Sequence[Sequence[str]]) -> None:
        """A sheet to be read."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, 60)
        sheet.set_column(1, 1, 30)
        self._fill(sheet, 0, lines)

    def choose(self, sheet: Any, choice: Choice) -> None:
        """Offer a list below a head."""
        offered = {"validate": "list", "source": choice.source, "error_type": "warning"}
        sheet.data_validation(1, choice.column, choice.rows, choice.column, offered)

    def content(self) -> bytes:
        """The file."""
        self._book.close()
        return self._written.getvalue()

    def _fill(self, sheet: Any, first: int, rows: Sequence[Sequence[str]]) -> None:
        for number, texts in enumerate(rows, first):
            for at, text in enumerate(texts):
                sheet.write_string(number, at, text, self._cell)
