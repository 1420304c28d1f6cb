"""What the kill test delivers, and what must come of it: computed here, from the inputs alone, never from remitd's answers."""
import datetime
import hashlib
import io
import os
import random
import sys
import zipfile
from dataclasses import dataclass, field

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))
import documents as doc  # noqa: E402  (the path comes first)

ACCOUNT = "acme-us"
TOLERANCE = 5                      # cents; a difference of exactly this passes
DIALECTS = [doc.Delimiters(), doc.Delimiters("*", "~", ">"), doc.Delimiters("*", "\n", ":"), doc.Delimiters("*", "~\r\n", "^"), doc.Delimiters("|", "'", ">")]


def key(text):
    """Numbers are compared by key: upper case, letters and digits only."""
    return "".join(c for c in text.upper() if c.isalnum())


def finding_id(kind, subject_key):
    return hashlib.sha256(f"v1\0{kind}\0{ACCOUNT}\0{subject_key}".encode()).hexdigest()[:32]


@dataclass
class Delivery:
    name: str
    content: bytes
    fate: str                      # accepted | rejected
    reason: bool = False           # NAME.reason.txt must stand beside it
    after: str = ""                # not before the file of this name has left the drop folder
    folder: int = 0
    members: list = field(default_factory=list)    # of a ZIP archive: deliveries that arrive in it

    @property
    def sha256(self):
        return hashlib.sha256(self.content).hexdigest()


@dataclass
class Inputs:
    """Everything of one run. `expected`: findings that must be open at the end; `passing`: such as may have come and gone."""
    deliveries: list = field(default_factory=list)
    invoices: dict = field(default_factory=dict)           # number -> total
    payments: dict = field(default_factory=dict)           # number -> (total, lines, Σ net of the lines)
    expected: dict = field(default_factory=dict)           # (kind, key) -> amount or None
    passing: set = field(default_factory=set)

    @property
    def originals(self):
        """Every content that must be in the archive: what was delivered, and what lay in it."""
        return [o for d in self.deliveries for o in (d, *d.members)]


class Generator:
    def __init__(self, seed, files, today, bulk, folders):
        self.rng, self.folders = random.Random(seed), folders
        self.today = today
        self.when = datetime.datetime.combine(today, datetime.time(6, 30))
        self.out = Inputs()
        self.serial = 0
        self.control = 0
        self.scheduled = []                                # payments that wait for a file
        rng = self.rng
        self.bulk(bulk)
        self.reject("empty.txt", b"")
        while len(self.out.deliveries) < files:
            self.group()
            for chance, make in ((0.35, self.rejected), (0.25, self.truncated), (0.15, self.partial), (0.30, self.duplicate)):
                if rng.random() < chance:
                    make()
        self.shuffle()

    # numbers and names

    def number(self, prefix):
        self.serial += 1
        return f"{prefix}{self.serial:06d}"

    def spelled(self, number):
        """The retailer's spelling of our number, now and then another than ours."""
        return number if self.rng.random() < 0.85 else f"{number[:2].lower()}-{number[2:]}"

    def envelope(self, sets, functional):
        self.control += 1
        parties = ("ACME1", "AMAZON") if functional == "IN" else ("AMAZON", "ACME1")
        return doc.interchange(sets, functional, *parties, self.when, self.control, self.rng.choice(DIALECTS))

    def deliver(self, name, content, fate="accepted", **more):
        d = Delivery(name, content, fate, folder=self.rng.randrange(self.folders if content else 2), **more)    # an empty file is never taken from a server
        self.out.deliveries.append(d)
        return d

    # good files

    def invoice(self, old):
        age = self.rng.randrange(100, 200) if old else self.rng.randrange(5, 20)
        i = doc.Invoice(self.number("KT"), self.today - datetime.timedelta(days=age), self.rng.randrange(2_000, 900_000), po=self.number("PO"))
        if self.rng.random() < 0.3:
            i.net_days = 30
        return i

    def book_invoices(self, invoices):
        for n in range(0, len(invoices), 5):
            part = invoices[n:n + 5]
            self.deliver(self.number("810 ") + ".edi", self.envelope([doc.invoice_810(i) for i in part], "IN"))
        self.out.invoices.update((i.number, i.total) for i in invoices)

    def pay(self, lines, day=None, form=None, **more):
        """One payment, in one of the four forms it may come in; books it for the oracle."""
        p = doc.Payment(self.number("99"), day or self.today - datetime.timedelta(days=self.rng.randrange(1, 4)), lines, **more)
        form = form or self.rng.choice(["820", "820", "820 of several", "csv", "mail"])
        if p.adjustments:
            form = "820"                                   # only an 820 has adjustments beside its lines
        if form == "820":
            self.deliver(self.number("820 (1) ") + ".x12", self.envelope([doc.remittance_820(p)], "RA"))
        elif form == "csv":
            self.deliver(self.number("Payments_") + ".csv", doc.vendor_central([p], self.today))
        elif form == "mail":
            self.deliver(self.number("汇款通知_") + ".txt", doc.mail(p))
        else:
            self.scheduled.append(p)
            if len(self.scheduled) == 3:
                self.flush()
        self.out.payments[p.number] = (p.stated, len(p.lines), sum(x.net for x in p.lines))
        if p.stated != p.footed:
            self.out.expected["remittance.unbalanced", key(p.number)] = abs(p.stated - p.footed)
        return p

    def flush(self):
        if self.scheduled:
            self.deliver(self.number("820s ") + ".edi", self.envelope([doc.remittance_820(p) for p in self.scheduled], "RA"))
            self.scheduled = []

    def line(self, i, net, discount=0):
        return doc.Line(self.spelled(i.number), net, gross=net + discount, discount=discount, po=i.po, date=i.date, text=f"{i.po}/PHX7/")

    def group(self):
        """A handful of invoices and the payments for them: paid, short, claimed, reversed, split, unpaid."""
        rng, lines, later, invoices = self.rng, [], [], []
        for _ in range(rng.randrange(4, 12)):
            i = self.invoice(old=rng.random() < 0.4)
            invoices.append(i)
            story = rng.choice(["full", "full", "discount", "short", "claim", "reversed", "split", "within", "unpaid"])
            paid, taken = i.total, 0
            if story == "full":
                lines.append(self.line(i, i.total))
            elif story == "discount":
                taken = i.total * 2 // 100
                paid = i.total - taken
                lines.append(self.line(i, paid, taken))
            elif story == "short":
                paid = i.total - rng.randrange(TOLERANCE + 1, i.total // 2)
                lines.append(self.line(i, paid))
            elif story == "within":
                paid = i.total - TOLERANCE
                lines.append(self.line(i, paid))
            elif story == "split":
                part = rng.randrange(1, i.total)
                lines.append(self.line(i, part))
                later.append(self.line(i, i.total - part))
            elif story in ("claim", "reversed"):
                claim = rng.randrange(100, i.total // 3)
                lines.append(self.line(i, i.total))
                taken_back = doc.Line(i.number + "SC", -claim, text=f"Shortage Claim for Invoice - {i.number}", date=i.date)
                if story == "claim":
                    later.append(taken_back)
                    paid -= claim
                else:
                    lines.append(taken_back)
                    later.append(doc.Line(i.number + "SCR", claim, text=f"Shortage Claim Reversal for Invoice - {i.number}", date=i.date))
            self.judge(i, story, paid, taken)
        self.book_invoices(invoices)
        if rng.random() < 0.3:
            unknown, net = self.number("KU"), rng.randrange(1_000, 90_000)
            lines.append(doc.Line(unknown, net, gross=net, po=self.number("PO"), text="8TY9Z77A/LEJ1/", date=self.today - datetime.timedelta(days=30)))
            self.out.expected["payment.unmatched", key(unknown)] = net
        rng.shuffle(lines)
        if lines:
            adjustments = [(rng.choice([-1, 1]) * rng.randrange(100, 2_000), "L7")] if rng.random() < 0.15 else []
            total = sum(x.net for x in lines) + 700 if not adjustments and rng.random() < 0.15 else None
            self.pay(lines, adjustments=adjustments, total=total)
        if later:
            # a payment that only takes back is no payment: give it something to pay
            rest = self.invoice(old=False)
            self.judge(rest, "full", rest.total, 0)
            self.book_invoices([rest])
            # large enough that the payment stays positive
            rest_lines = [self.line(rest, rest.total)]
            if sum(x.net for x in later) + rest.total <= 0:
                extra = self.invoice(old=False)
                extra.total = -sum(x.net for x in later) + 10_000
                self.judge(extra, "full", extra.total, 0)
                self.book_invoices([extra])
                rest_lines.append(self.line(extra, extra.total))
            self.pay(later + rest_lines)

    def judge(self, i, story, paid, taken):
        """What the rules of the contract say of an invoice in the end, and what they may have said in between."""
        k = key(i.number)
        old = (self.today - i.date).days >= 100
        if story == "unpaid":
            if old:
                self.out.expected["payment.late", k] = i.total
            return
        self.out.passing |= {("payment.short", k), ("payment.late", k)}
        if i.total - taken - paid > TOLERANCE:
            self.out.expected["payment.short", k] = i.total - taken - paid

    def bulk(self, count):
        """One interchange of many invoices and one payment of as many lines: long transactions to be killed in."""
        count -= count % 3
        invoices = [doc.Invoice(self.number("KB"), self.today - datetime.timedelta(days=10), self.rng.randrange(1_000, 9_000)) for _ in range(count)]
        for i in invoices:
            self.judge(i, "full", i.total, 0)
        self.out.invoices.update((i.number, i.total) for i in invoices)
        for n, form in ((0, "820"), (count // 3, "csv"), (2 * (count // 3), "820")):
            part = invoices[n:n + count // 3]
            self.deliver(self.number("810 bulk ") + ".edi", self.envelope([doc.invoice_810(i) for i in part], "IN"))
            self.pay([self.line(i, i.total) for i in part], form=form)

    # files that must not be booked, or not wholly

    def rejected(self):
        rng, net = self.rng, self.rng.randrange(1_000, 90_000)
        p = doc.Payment(self.number("98"), self.today, [doc.Line(self.number("KR"), net, text="Invoice"), doc.Line(self.number("KR"), 100, text="Invoice", net_text="12,3x")])
        name, content = rng.choice([
            lambda: (self.number("bad amount ") + ".edi", self.envelope([doc.remittance_820(p)], "RA")),
            lambda: (self.number("Payments_bad_") + ".csv", doc.vendor_central([p], self.today)),
            lambda: (self.number("notes ") + ".txt", f"Dear all,\nplease find attached what we spoke about ({self.serial}).\n".encode()),
            lambda: (self.number("noise_") + ".bin", rng.randbytes(rng.randrange(200, 5_000))),
        ])()
        self.reject(name, content)

    def reject(self, name, content, **more):
        d = self.deliver(name, content, "rejected", reason=True, **more)
        self.out.expected["file.rejected", d.sha256] = None
        return d

    def truncated(self):
        """Cut in the middle; often the whole file follows under the same name, and then the finding goes away."""
        invoices = [self.invoice(old=False) for _ in range(4)]
        whole = self.envelope([doc.invoice_810(i) for i in invoices], "IN")
        cut = self.reject(self.number("cut ") + ".edi", whole[:self.rng.randrange(200, len(whole) - 30)])
        if self.rng.random() < 0.6:
            del self.out.expected["file.rejected", cut.sha256]
            self.out.passing.add(("file.rejected", cut.sha256))
            self.out.invoices.update((i.number, i.total) for i in invoices)
            d = self.deliver(cut.name, whole, after=cut.name)
            d.folder = cut.folder

    def partial(self):
        """One bad document among good ones: the good are booked, the file is accepted with its reason beside it."""
        invoices = [self.invoice(old=False) for _ in range(3)]
        bad = invoices[self.rng.randrange(3)]
        bad.total_text = "12,3x"
        d = self.deliver(self.number("partial ") + ".edi", self.envelope([doc.invoice_810(i) for i in invoices], "IN"), reason=True)
        self.out.expected["file.rejected", d.sha256] = None
        self.out.invoices.update((i.number, i.total) for i in invoices if i is not bad)

    def duplicate(self):
        """The same bytes under another name: good ones change nothing, bad ones are refused again without a new finding."""
        again = [d for d in self.out.deliveries if not d.after and not d.name.startswith(("cut ", "partial "))]
        d = self.rng.choice(again)
        self.deliver(self.number("again ") + os.path.splitext(d.name)[1], d.content, d.fate, reason=d.reason)

    def pack(self):
        """Every fifth file, good or bad, comes in a ZIP archive with others: it is booked or refused like a file of its own."""
        out, rng = self.out.deliveries, self.rng
        plain = [d for d in out if d.content and not d.after and not d.name.startswith(("cut ", "partial "))]
        chosen = rng.sample(plain, len(plain) // 5)
        while chosen:
            members, chosen = chosen[:4], chosen[4:]
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as z:
                for d in members:
                    z.writestr(zipfile.ZipInfo("2026/" + d.name, (2026, 1, 5, 6, 30, 0)), d.content)
            self.out.deliveries = out = [d for d in out if not any(d is m for m in members)]
            self.deliver(self.number("Archive ") + ".zip", packed.getvalue(), members=members)

    def shuffle(self):
        self.flush()
        self.pack()
        out = self.out.deliveries
        self.rng.shuffle(out)
        place = {d.name: n for n, d in enumerate(out) if not d.after}
        for n, d in enumerate(out):
            if d.after and place[d.after] > n:
                m = place[d.after]
                out[n], out[m] = out[m], out[n]
                place[d.after] = n


def generate(seed, files, today, bulk=30_000, folders=2):
    """bulk: invoices, and lines paying them, in three large files of each kind. The third folder is an SFTP inbox."""
    return Generator(seed, files, today, bulk, folders).out
