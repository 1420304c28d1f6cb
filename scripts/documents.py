"""Writes the documents remitd reads: X12 810 and 820, the Vendor Central remittance export, the remittance mail.

Used by `scripts/demo` and by the kill test, so that both show the same shapes. Amounts are integers in minor units
(cents), positive = the supplier receives; nothing here knows a float. Standard library only."""
import datetime
from dataclasses import dataclass, field


def cents(minor, group=False):
    """12345 -> "123.45"; group=True writes thousands with a comma, as exports do."""
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 100)
    return f"{sign}{whole:,}.{rest:02d}" if group else f"{sign}{whole}.{rest:02d}"


@dataclass
class Invoice:
    number: str
    date: datetime.date
    total: int
    po: str = ""
    net_days: int = 0                 # 0: states no terms, the account's hold
    discount_percent: int = 0
    discount_days: int = 0
    total_text: str = ""              # what TDS01 says instead of the total: for broken files


@dataclass
class Line:
    reference: str
    net: int
    gross: int = 0
    discount: int = 0
    po: str = ""
    date: datetime.date = None
    text: str = ""
    qualifier: str = "IV"             # RMR01
    net_text: str = ""                # what RMR04 says instead of the net: for broken files


@dataclass
class Payment:
    number: str
    date: datetime.date
    lines: list
    currency: str = "USD"
    adjustments: list = field(default_factory=list)    # (minor, reason 426), not tied to a line
    total: int = None                 # None: what foots
    po_lines: bool = True

    @property
    def stated(self):
        return self.footed if self.total is None else self.total

    @property
    def footed(self):
        return sum(x.net for x in self.lines) + sum(a for a, _ in self.adjustments)


@dataclass
class Delimiters:
    element: str = "*"
    terminator: str = "~\n"
    component: str = ">"


def interchange(sets, functional, sender, receiver, when, control, d=Delimiters()):
    """sets: a list of (type, [segment as list of elements]); adds ISA, GS, ST … SE, GE, IEA with right counts."""
    e, t = d.element, d.terminator
    isa = ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", sender.ljust(15), "ZZ", receiver.ljust(15),
           when.strftime("%y%m%d"), when.strftime("%H%M"), "U", "00401", f"{control:09d}", "0", "P", d.component]
    out = [isa, ["GS", functional, sender, receiver, when.strftime("%Y%m%d"), when.strftime("%H%M"), str(control), "X", "004010"]]
    for n, (kind, segments) in enumerate(sets, 1):
        out.append(["ST", kind, f"{n:04d}"])
        out += segments
        out.append(["SE", str(len(segments) + 2), f"{n:04d}"])
    out += [["GE", str(len(sets)), str(control)], ["IEA", "1", f"{control:09d}"]]
    return "".join(e.join(s) + t for s in out).encode()


def day8(d):
    return d.strftime("%Y%m%d")


def invoice_810(i, currency="USD"):
    big = ["BIG", day8(i.date), i.number] + (["", i.po] if i.po else [])
    out = [big, ["CUR", "SE", currency], ["N1", "BT", "AMAZON.COM SERVICES LLC", "92", "AMAZON"], ["N1", "RI", "ACME TRADING CO LTD", "92", "ACME1"]]
    if i.net_days or i.discount_days:
        out.append(["ITD", "01", "3", str(i.discount_percent or ""), "", str(i.discount_days or ""), "", str(i.net_days or "")])
        while out[-1][-1] == "":
            out[-1].pop()
    out += [["IT1", "1", "1", "EA", cents(i.total), "", "BP", "B0" + i.number[-8:].upper().replace("-", "")],
            ["TDS", i.total_text or str(i.total)], ["CTT", "1"]]
    return ("810", out)


def remittance_820(p):
    out = [["BPR", "I", cents(p.stated), "C", "ACH", "CTX", "01", "021000021", "DA", "0011223344", "1911646860", "", "01", "121000248", "DA",
            "4455667788", day8(p.date), "VEN"],
           ["TRN", "1", p.number, "1911646860"], ["CUR", "PR", p.currency], ["REF", "VR", "ACME1"], ["DTM", "020", day8(p.date)],
           ["N1", "PR", "AMAZON.COM SERVICES LLC", "92", "AMAZON"], ["N1", "PE", "ACME TRADING CO LTD", "92", "ACME1"], ["ENT", "1"]]
    out += [["ADX", cents(a), reason] for a, reason in p.adjustments]
    for x in p.lines:
        rmr = ["RMR", x.qualifier, x.reference, "PI", x.net_text or cents(x.net)]
        if x.gross:
            rmr.append(cents(x.gross))
            if x.discount:
                rmr.append(cents(x.discount))
        out.append(rmr)
        if x.po:
            out.append(["REF", "PO", x.po])
        if x.date:
            out.append(["DTM", "003", day8(x.date)])
    return ("820", out)


def vendor_central(payments, exported):
    """The Vendor Central remittance export, US: payments first, then the lines of all of them."""
    us = lambda d: d.strftime("%m/%d/%Y")
    quote = lambda s: f'"{s}"' if "," in s or '"' in s else s
    out = ["Remittances", f"Vendor code: ACME1,Exported on: {us(exported)}", "",
           "Payment Number,Payment Date,Invoice Currency,Amount in Invoice Currency,Payment Currency,Amount in Payment Currency,"
           "Exchange Rate,Payment Type,Payment Status,Payment Voided Reason"]
    for p in payments:
        total = quote(cents(p.stated, group=True))
        out.append(f"{p.number},{us(p.date)},{p.currency},{total},{p.currency},{total},1,Electronic Funds Transfer,Paid,")
    out += ["", "Invoices", "Payment Number,Invoice Number,Invoice Date,Description,Invoice Amount,Invoice Currency,Terms Discount Taken,"
            "Amount Paid,Remaining Amount"]
    for p in payments:
        for x in p.lines:
            amounts = [quote(cents(v, group=True)) for v in (x.gross or x.net, x.discount, x.net)]
            if x.net_text:
                amounts[2] = quote(x.net_text)
            out.append(f"{p.number},{x.reference},{us(x.date or p.date)},{quote(x.text)},{amounts[0]},{p.currency},{amounts[1]},{amounts[2]},0.00")
    return "\r\n".join(out + [""]).encode()


def mail(p):
    """The remittance mail's text."""
    us = lambda d: d.strftime("%b %d, %Y")
    out = ["Payment Made To:       ACME TRADING CO LTD", "Our Supplier Number:   70012345", "Supplier Site Name:    ACMETRADE",
           f"Payment Ref. Number:   {p.number}", f"Payment Date:          {us(p.date)}", f"Payment Currency:      {p.currency}",
           f"Payment Amount:        {cents(p.stated, group=True)}", "",
           "Invoice Number     Invoice Date     Invoice Description                                         "
           "Amount Paid       Discount Taken    Amount Remaining"]
    for x in p.lines:
        out.append(f"{x.reference:<19}{us(x.date or p.date):<17}{x.text:<60}{cents(x.net, group=True):<18}{cents(x.discount, group=True):<18}0.00")
    return "\n".join(out + [""]).encode()
