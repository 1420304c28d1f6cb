import Testing
import Trade

@testable import Formats

@Suite struct ZipArchives {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func refusal(_ zip: [UInt8]) -> String {
        problems { _ = try CollectedMembers.of(ZipArchive(), zip) }.map(\.description).joined(separator: "\n")
    }

    @Test func `each file is handed over whole and in order`() throws {
        let long = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        let zip = TestZip(entries: [.init("a.csv", bytes("a;b\n")), .init("in/b.edi", long, deflated: true), .init("empty", [])])
        let found = try CollectedMembers.of(ZipArchive(), zip.bytes())
        #expect(found.names == ["a.csv", "in/b.edi", "empty"])
        #expect(found.members.map(\.bytes) == [bytes("a;b\n"), long, []])
        #expect(found.largestPiece <= ZipBounds.piece)
        #expect(found.members.allSatisfy { $0.member.role == .file })
    }

    @Test func `folders and what operating systems leave behind are no files`() throws {
        let litter = ["__MACOSX/._a.csv", "x/.DS_Store", "Thumbs.db", "x\\desktop.ini"].map { TestZip.Entry($0, [1]) }
        let zip = TestZip(entries: [.init("x/", []), .init("x/a.csv", [65])] + litter)
        let found = try CollectedMembers.of(ZipArchive(), zip.bytes())
        #expect(found.names == ["x/a.csv"])
        #expect(found.notes.map(\.code) == ["member-skipped", "member-skipped", "member-skipped", "member-skipped"])
    }

    @Test func `names are UTF-8 where they can be, else code page 437`() throws {
        let zip = TestZip(entries: [.init(name: Array("Größe.csv".utf8), [1]), .init(name: [0x47, 0x72, 0x94, 0xE1, 0x65], [2])])
        #expect(try CollectedMembers.of(ZipArchive(), zip.bytes()).names == ["Größe.csv", "Größe"])
    }

    @Test func `the time of a file is the one that has a zone`() throws {
        var entry = TestZip.Entry("a", [1])
        entry.extra = [0x55, 0x54, 5, 0, 1, 0x10, 0x32, 0x54, 0x65]
        #expect(try CollectedMembers.of(ZipArchive(), TestZip(entries: [entry]).bytes()).members.first?.member.modified == 0x6554_3210)
    }

    @Test func `an encrypted file is refused among others, and alone rejects the archive`() throws {
        var secret = TestZip.Entry("secret.csv", [1, 2, 3])
        secret.flags = 1
        let found = try CollectedMembers.of(ZipArchive(), TestZip(entries: [secret, .init("a", [65])]).bytes())
        #expect(found.names == ["a"])
        #expect(found.refused.map(\.description) == ["byte 0: \"secret.csv\" in the archive is encrypted; send it without a password"])
        #expect(refusal(TestZip(entries: [secret]).bytes()).contains("is encrypted; send it without a password"))
    }

    @Test func `a method that is not read is refused by its number`() throws {
        var odd = TestZip.Entry("a", [1, 2, 3])
        odd.method = 12
        #expect(refusal(TestZip(entries: [odd]).bytes()).contains("packed by method 12"))
    }

    @Test func `an archive without files is rejected`() {
        #expect(refusal(TestZip().bytes()).contains("holds no files"))
        #expect(refusal(TestZip(entries: [.init("a/", [])]).bytes()).contains("holds no files"))
    }

    @Test func `a damaged file rejects the archive`() {
        var zip = TestZip(entries: [.init("a.csv", bytes("some text that is stored"))]).bytes()
        zip[40] ^= 1
        #expect(refusal(zip).contains("\"a.csv\" is damaged"))
    }

    @Test func `a workbook or another Office file is no archive`() throws {
        let workbook = TestWorkbook("<row/>").bytes()
        for (name, bytes, isArchive) in [
            ("a.zip", TestZip(entries: [.init("a.csv", [65])]).bytes(), true),
            ("a.zip", TestZip(entries: [.init("Payments.xlsx", workbook)]).bytes(), true),
            ("a.zip", workbook, false), ("a.xlsx", TestZip(entries: [.init("other", [1])]).bytes(), false),
            ("a.zip", TestZip(entries: [.init("word/document.xml", [1])]).bytes(), false),
            ("a.zip", TestZip(entries: [.init("mimetype", Array("application/vnd.oasis.opendocument.spreadsheet".utf8))]).bytes(), false),
            ("a.zip", TestZip(entries: [.init("mimetype", Array("application/epub+zip".utf8))]).bytes(), true),
        ] {
            let head = FileHead(name: name, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
            #expect((ZipArchive().claim(head) != nil) == isArchive, "\(name)")
            #expect((Workbooks(layouts: []).claim(head) != nil) == !isArchive, "\(name)")
        }
    }

    @Test func `an Office file whose head hides it is not taken apart`() {
        let zip = TestZip(entries: [.init("a", [1]), .init("[Content_Types].xml", [1]), .init("_rels/.rels", [1])])
        #expect(refusal(zip.bytes()).contains("is an Office file"))
    }

    // MARK: Hostile archives

    @Test func `an archive that is cut off is incomplete at every length`() {
        let zip = TestZip(entries: [.init("a.csv", bytes("a;b;c\n"), deflated: true), .init("b.csv", bytes("some more"))]).bytes()
        for cut in 4..<zip.count {
            let found = problems { _ = try CollectedMembers.of(ZipArchive(), Array(zip[..<cut])) }
            #expect(found.first?.kind == .incomplete, "\(cut): \(found)")
        }
    }

    @Test func `a bomb is refused before it is inflated`() throws {
        var sink = CollectedMembers(isCounting: true)
        let zip = TestZip(entries: [.init("bomb", bomb: 0, count: 200 << 20)]).bytes()
        #expect(throws: ReadFailure.self) { try ZipArchive().unpack(zip.span.bytes, name: "a", into: &sink) }
        #expect(sink.count == 0)
        #expect(refusal(zip).contains("more than 200 times as many"))
    }

    @Test func `a bomb that lies about its size is refused when it grows beyond it`() {
        var entry = TestZip.Entry("bomb", bomb: 0, count: 32 << 20)
        entry.size = 1000
        let found = refusal(TestZip(entries: [entry]).bytes())
        #expect(found.contains("\"bomb\" is"), "\(found)")
    }

    @Test func `an inner archive is only a file`() throws {
        let inner = TestZip(entries: [.init("bomb", bomb: 0, count: 200 << 20)]).bytes()
        let found = try CollectedMembers.of(ZipArchive(), TestZip(entries: [.init("inner.zip", inner)]).bytes())
        #expect(found.members.map(\.bytes) == [inner])
    }

    @Test func `files that share bytes are refused`() {
        var second = TestZip.Entry("a.csv", bytes("some text"))
        second.sharesBytesOf = 0
        #expect(refusal(TestZip(entries: [.init("a.csv", bytes("some text")), second]).bytes()).contains("share bytes"))
        // quoted overlap (Fifield 2019): the first file's data runs over the second's header
        var first = TestZip.Entry("a", [UInt8](repeating: 65, count: 20))
        (first.localPacked, first.centralPacked, first.size) = (60, 60, 60)
        let overlap = TestZip(entries: [first, .init("b", [UInt8](repeating: 66, count: 40))]).bytes()
        #expect(refusal(overlap).contains("share bytes"))
    }

    @Test func `headers that contradict one another are refused`() {
        func entry(_ change: (inout TestZip.Entry) -> Void) -> String {
            var entry = TestZip.Entry("a.csv", bytes("some text that is long enough"), deflated: true)
            change(&entry)
            return refusal(TestZip(entries: [entry]).bytes())
        }
        #expect(entry { _ in } == "")
        #expect(entry { $0.localName = bytes("b.csv") }.contains("another name"))
        #expect(entry { $0.localSize = 5 }.contains("other sizes"))
        #expect(entry { $0.localPacked = 5 }.contains("other sizes"))
        #expect(entry { $0.centralSize = 5 }.contains("other sizes"))
        #expect(entry { $0.centralPacked = 500_000 }.contains("reaches into the directory"))
        #expect(entry { ($0.centralSize, $0.localSize) = (5, 5) }.contains("is not 5 bytes"))
        #expect(entry { ($0.centralSize, $0.localSize) = (500, 500) }.contains("is not 500 bytes"))
        #expect(entry { ($0.centralSize, $0.localSize) = (0xFFFF_FFF0, 0xFFFF_FFF0) }.contains("would inflate"))
    }

    @Test func `too many files are refused by their number`() {
        let zip = TestZip(entries: (0..<10_001).map { .init("\($0)", []) })
        #expect(refusal(zip.bytes()).contains("10001 files in the archive"))
    }

    @Test func `bytes after the end or a wrong directory are refused`() {
        var zip = TestZip(entries: [.init("a", [1])])
        zip.comment = bytes("a comment, and one that holds PK\u{5}\u{6}")
        #expect(refusal(zip.bytes()) == "")
        #expect(refusal(zip.bytes() + [10]).contains("bytes after the end"))
        #expect(refusal([1] + zip.bytes()).contains("directory of the archive is not where its end says"))
    }

    @Test func `bytes changed at random never crash the reading`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        let zip = TestZip(entries: [.init("a.csv", bytes("a;b\n1;2\n"), deflated: true), .init("b/c", bytes("text")), .init("d/", [])])
            .bytes()
        for _ in 0..<5_000 {
            var broken = zip
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                broken[Int.random(in: 0..<broken.count, using: &random)] =
                    [0, 1, 0xFF, 0x50, 0x7F, 0x80].randomElement(using: &random) ?? 0
            }
            let found = problems { _ = try CollectedMembers.of(ZipArchive(), broken) }
            for problem in found { #expect(!problem.description.contains("\n")) }
        }
    }
}

@Suite struct GzipFiles {
    private let text = Array("Payment Number;Payment Date\n1;2\n".utf8)

    private func unpacked(_ bytes: [UInt8], name: String = "Payments.csv.gz") throws(ReadFailure) -> CollectedMembers {
        try CollectedMembers.of(GzipFile(), bytes, name: name)
    }
    private func refusal(_ bytes: [UInt8]) -> Problem? { problems { _ = try unpacked(bytes) }.first }

    /// The same stream with another header.
    private func gzip(_ bytes: [UInt8], flags: UInt8 = 0, header: [UInt8] = [], seconds: [UInt8] = [0, 0, 0, 0]) -> [UInt8] {
        [0x1F, 0x8B, 8, flags] + seconds + [0, 3] + header + Deflate.gzip(bytes).dropFirst(10)
    }

    @Test func `a file comes out whole, called after the archive`() throws {
        let found = try unpacked(Deflate.gzip(text))
        #expect(found.members.map(\.bytes) == [text])
        #expect(found.names == ["Payments.csv"])
        #expect(found.members.first?.member.modified == nil)
        #expect(try unpacked(Deflate.gzip([]), name: "x").texts == [""])
    }

    @Test(arguments: [("a.csv.gz", "a.csv"), ("A.TGZ", "A.tar"), ("a.GZ", "a"), (".gz", ".gz"), ("a", "a"), ("a.gzip", "a")])
    func `the name without what compression added`(_ name: String, _ plain: String) {
        #expect(GzipFile.plainName(name) == plain)
    }

    @Test func `name and time of the header are taken, and never a path`() throws {
        let header = [3, 0, 1, 2, 3] + Array("..\\tmp/Größe.csv".utf8) + [0]
        let found = try unpacked(gzip(text, flags: 4 | 8, header: header, seconds: [0x10, 0x32, 0x54, 0x65]))
        #expect(found.names == ["Größe.csv"])
        #expect(found.members.first?.member.modified == 0x6554_3210)
        #expect(found.members.map(\.bytes) == [text])
        #expect(try unpacked(gzip(text, flags: 8, header: [0x47, 0x72, 0xF6, 0xDF, 0x65, 0])).names == ["Größe"])
    }

    @Test func `members that follow one another are one file`() throws {
        #expect(try unpacked(Deflate.gzip(text) + Deflate.gzip([]) + Deflate.gzip(text)).members.map(\.bytes) == [text + text])
    }

    @Test func `what follows the file is left out and noted, but for zeros`() throws {
        #expect(try unpacked(Deflate.gzip(text) + [0, 0, 0]).notes.isEmpty)
        let found = try unpacked(Deflate.gzip(text) + [13, 10])
        #expect(found.notes.map(\.text) == ["2 bytes after the compressed file were left out"])
        #expect(found.members.map(\.bytes) == [text])
    }

    @Test func `a file that is cut off is incomplete at every length`() {
        let whole = gzip(text, flags: 8, header: Array("name".utf8) + [0])
        for cut in 2..<whole.count { #expect(refusal(Array(whole[..<cut]))?.kind == .incomplete, "\(cut)") }
        // also inside the second member
        let two = Deflate.gzip(text) + whole
        for cut in (Deflate.gzip(text).count + 2)..<two.count { #expect(refusal(Array(two[..<cut]))?.kind == .incomplete, "\(cut)") }
    }

    @Test func `a wrong checksum or length rejects the file`() {
        for place in 1...8 {
            var bytes = Deflate.gzip(text)
            bytes[bytes.count - place] ^= 1
            #expect(refusal(bytes)?.kind == .malformed)
        }
    }

    @Test func `a bomb is stopped by its ratio`() {
        let bomb = Deflate.bomb(0, 400 << 20, gzip: true).packed
        var sink = CollectedMembers(isCounting: true)
        #expect(throws: ReadFailure.self) { try GzipFile().unpack(bomb.span.bytes, name: "a.gz", into: &sink) }
        #expect(sink.count < 100 << 20)
        #expect(sink.largestPiece <= ZipBounds.piece)
        #expect(refusal(bomb)?.kind == .tooLarge)
    }

    @Test func `a tar archive is refused plainly`() {
        var tar = [UInt8](repeating: 0, count: 1024)
        tar.replaceSubrange(257..<262, with: Array("ustar".utf8))
        #expect(refusal(Deflate.gzip(tar))?.description.contains("is a tar archive") == true)
    }

    @Test func `bytes changed at random never crash the reading`() {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        var random = TableRandom(seed)
        let whole = gzip(text, flags: 8, header: Array("name".utf8) + [0]) + Deflate.gzip(text)
        for _ in 0..<5_000 {
            var broken = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                broken[Int.random(in: 2..<broken.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            for problem in problems({ _ = try unpacked(broken) }) { #expect(!problem.description.isEmpty) }
        }
    }
}
