"""Documents as clinics in three countries make them, for the table that three ways of reckoning must agree on."""

from __future__ import annotations

from dataclasses import dataclass

#: country -> tax type on income -> percent. Codes and rates are Xero's own for these countries.
RATES = {
    "AU": {"OUTPUT": "10", "EXEMPTOUTPUT": "0"},
    "NZ": {"OUTPUT2": "15", "ZERORATED": "0"},
    "UK": {"OUTPUT2": "20", "RROUTPUT": "5", "ZERORATEDOUTPUT": "0", "EXEMPTOUTPUT": "0"},
}
TAXED = {"AU": "OUTPUT", "NZ": "OUTPUT2", "UK": "OUTPUT2"}


@dataclass(frozen=True)
class Paper:
    """``lines``: "quantity x price [- discount] [tax type]"; ``known``: the total that is published or reckoned by
    hand, where there is one."""

    name: str
    country: str
    way: str
    lines: tuple[str, ...]
    known: str = ""

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """(quantity, price, percent, discount, tax type) of each line."""
        return [_row(line, self.country) for line in self.lines]


def _row(line: str, country: str) -> tuple[str, str, str, str, str]:
    quantity, _, *rest = line.split()
    price, discount, tax = rest.pop(0), "", TAXED[country]
    if rest and rest[0] == "less":
        discount = rest[1]
        rest = rest[2:]
    if rest:
        tax = rest[0]
    return quantity, price, RATES[country][tax], discount, tax


def _three(name: str, country: str, *lines: str) -> list[Paper]:
    """The same lines with amounts that exclude tax, that include it, and that have none."""
    return [Paper(f"{name}, {way}", country, way, lines) for way in ("exclusive", "inclusive", "no_tax")]


def _halves(country: str) -> Paper:
    """Lines whose amount, or whose tax, ends in exactly half a cent, up and down."""
    lines = ("1 x 0.005", "1 x 0.015", "1 x 0.025", "3 x 0.005", "1 x 1.005", "1 x -0.005", "0.5 x 0.01")
    taxes = ("1 x 0.05", "1 x 0.15", "1 x 0.25", "1 x 10.05", "1 x 0.10", "1 x 0.30", "1 x 0.70")
    return Paper(f"halves in {country}", country, "exclusive", (*lines, *taxes))


PAPERS: list[Paper] = [
    # Xero's published example, and what goes wrong when the tax is taken on the sum
    Paper("published", "NZ", "exclusive", ("1 x 25.06", "1 x 25.61", "1 x 25.63"), "87.74"),
    Paper("published, as one line", "NZ", "exclusive", ("1 x 76.30",), "87.75"),
    Paper("two including 10 %", "AU", "inclusive", ("2 x 33.33",), "66.66"),
    Paper("three less 10 %", "AU", "exclusive", ("3 x 19.99 less 10%",), "59.37"),
    Paper("three less 10 %, included", "AU", "inclusive", ("3 x 19.99 less 10%",), "53.97"),
    Paper("a third of an hour too much", "AU", "exclusive", ("1.333 x 87.45",), "128.23"),
    Paper("a third of an hour too much, included", "AU", "inclusive", ("1.333 x 87.45",), "116.57"),
    Paper("GST-free", "AU", "exclusive", ("1 x 95.00 EXEMPTOUTPUT",), "95.00"),
    Paper("GST-free and taxable", "AU", "exclusive", ("1 x 150.00 EXEMPTOUTPUT", "1 x 220.00"), "392.00"),
    Paper("GST-free and taxable, included", "AU", "inclusive", ("1 x 150 EXEMPTOUTPUT", "1 x 220"), "370.00"),
    Paper("one cent", "AU", "exclusive", ("1 x 0.01",), "0.01"),
    Paper("five cents", "AU", "exclusive", ("1 x 0.05",), "0.06"),
    Paper("four cents", "AU", "exclusive", ("1 x 0.04",), "0.04"),
    Paper("half a cent", "AU", "exclusive", ("1 x 0.005",), "0.01"),
    Paper("nothing", "AU", "exclusive", ("1 x 0.00",), "0.00"),
    Paper("a free line beside a paid one", "UK", "exclusive", ("1 x 0.00", "1 x 60.00"), "72.00"),
    Paper("all taken off", "AU", "exclusive", ("2 x 49.95 less 100%",), "0.00"),
    Paper("nothing taken off", "AU", "exclusive", ("2 x 49.95 less 0%",), "109.89"),
    Paper("an amount off", "AU", "exclusive", ("1 x 99.95 less 10.01",), "98.93"),
    Paper("an amount off, included", "AU", "inclusive", ("1 x 99.95 less 10.01",), "89.94"),
    Paper("an amount off the whole", "NZ", "exclusive", ("3 x 40.00 less 20.00",), "115.00"),
    Paper("12.5 % off four decimals", "AU", "exclusive", ("3 x 1.3335 less 12.5%",), "3.85"),
    Paper("a third off", "UK", "exclusive", ("1 x 100.00 less 33.3333%",), "80.00"),
    Paper("a gap paid already", "AU", "exclusive", ("1 x 100.00", "1 x -30.05"), "76.94"),
    Paper("a rebate of five cents", "AU", "exclusive", ("1 x 100.00", "1 x -0.05"), "109.94"),
    Paper("a rebate without tax", "AU", "exclusive", ("1 x 88.00", "1 x -36.65 EXEMPTOUTPUT"), "60.15"),
    Paper("four-decimal prices", "NZ", "exclusive", ("7.25 x 0.0333", "1 x 10.10 ZERORATED"), "10.38"),
    Paper("a ten-thousandth", "AU", "exclusive", ("0.0001 x 0.01",), "0.00"),
    Paper("a ten-thousandth of much", "AU", "exclusive", ("0.0001 x 123456.7891",), "13.59"),
    Paper("seven thirds", "NZ", "exclusive", ("0.3333 x 95.00",) * 7, "254.87"),
    Paper("seven thirds at once", "NZ", "exclusive", ("2.3331 x 95.00",), "254.89"),
    Paper("a hundred lines", "NZ", "exclusive", ("1 x 25.06",) * 100, "2882.00"),
    Paper("a hundred lines, included", "NZ", "inclusive", ("1 x 25.06",) * 100, "2506.00"),
    Paper("a hundred lines of a cent", "UK", "exclusive", ("1 x 0.01",) * 100, "1.00"),
    Paper("a hundred different lines", "AU", "exclusive", tuple(f"1.5 x {n}.{n:02d}" for n in range(100))),
    Paper("near the largest line", "AU", "exclusive", ("99 x 9999999.99",), "1088999998.91"),
    Paper("a standard VAT invoice", "UK", "exclusive", ("1 x 99.99", "1 x 10.10 RROUTPUT"), "130.60"),
    Paper("exempt and standard, included", "UK", "inclusive", ("1 x 99.99", "1 x 10.10 EXEMPTOUTPUT"), "110.09"),
    Paper("5 % VAT", "UK", "exclusive", ("1 x 33.33 RROUTPUT",), "35.00"),
    Paper("5 % VAT, included", "UK", "inclusive", ("3 x 11.11 RROUTPUT",), "33.33"),
    Paper("four rates", "UK", "exclusive", ("1 x 1.11", "1 x 2.22 RROUTPUT", "1 x 3.33 ZERORATEDOUTPUT",
                                              "1 x 4.44 EXEMPTOUTPUT"), "11.43"),
    *(_halves(country) for country in RATES),
    *_three("a consultation", "AU", "1 x 95.00 EXEMPTOUTPUT"),
    *_three("a consultation and tape", "AU", "1 x 95.00 EXEMPTOUTPUT", "3 x 12.50", "1 x 12.49 less 15%"),
    *_three("half an hour of physio", "NZ", "0.5 x 135.55", "2 x 7.77 less 0.05"),
    *_three("a package of ten", "NZ", "10 x 61.7391"),
    *_three("an insole and an exempt visit", "UK", "1 x 220.00", "1 x 54.95 EXEMPTOUTPUT"),
    *_three("reduced rate, odd quantity", "UK", "2.75 x 18.19 RROUTPUT", "1.0001 x 0.9999"),
    *_three("many small ones", "AU", *(f"1 x 0.0{n}" for n in range(1, 10))),
    *_three("discounts of each kind", "NZ", "3 x 33.335 less 7.5%", "4 x 12.345 less 3.33", "1 x 8.88"),
]  # fmt: skip
