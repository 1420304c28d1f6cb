import Glibc
import Testing

@testable import Intake

@Suite struct ArchiveTests {
    let place: Playground
    let archive: Archive

    init() throws {
        place = try Playground()
        archive = try Archive(state: place.at("var/lib/state"))
    }

    var state: String { "var/lib/state" }

    @Test func `folders are made with their rights whatever the umask says`() throws {
        #expect(try place.mode("\(state)/spool") == 0o700)
        #expect(try place.mode("\(state)/archive") == 0o750)
        let stored = try archive.store(bytes: [1])
        #expect(try place.mode("\(state)/archive/\(stored.sha256.hex.prefix(2))") == 0o750)
        _ = try Archive(state: place.at(state))
    }

    @Test func `an object is named by its digest, equals sha256sum's, and is read-only`() throws {
        var random = SystemRandomNumberGenerator()
        for size in [0, 1, 63, 64, 65, 262_143, 262_144, 262_145, 1_000_000] {
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            try place.write("in", bytes)
            let file = try Call.open(place.at("in"), O_RDONLY)
            let stored = try archive.store(fileDescriptor: file.number)
            #expect(try Playground.run("/usr/bin/sha256sum", place.at("in")).hasPrefix(stored.sha256.hex))
            #expect(stored.size == Int64(size))
            #expect(stored.isNew)
            let object = "\(state)/archive/\(stored.sha256.hex.prefix(2))/\(stored.sha256.hex)"
            #expect(try place.mode(object) == 0o440)
            #expect(try archive.open(stored.sha256).head(size + 1) == bytes)
            #expect(try archive.store(bytes: bytes) == StoredOriginal(sha256: stored.sha256, size: Int64(size), isNew: false))
            try archive.verify(stored.sha256)
        }
        #expect(try place.names("\(state)/spool").isEmpty)
    }

    @Test func `an empty original can be opened`() throws {
        let stored = try archive.store(bytes: [])
        #expect(stored.sha256.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let original = try archive.open(stored.sha256)
        #expect(original.size == 0)
        #expect(original.withBytes { $0.byteCount } == 0)
    }

    @Test func `an original stays readable while it is held`() throws {
        let stored = try archive.store(bytes: Array("remittance".utf8))
        let original = try archive.open(stored.sha256)
        unlink(archive.objectPath(stored.sha256))
        #expect(original.withBytes { bytes in bytes.unsafeLoad(fromByteOffset: 9, as: UInt8.self) } == UInt8(ascii: "e"))
    }

    @Test func `an original that is not there is vanished`() throws {
        let digest = SHA256.digest(of: "never stored")
        #expect(!archive.contains(digest))
        #expect { try archive.open(digest) } throws: { ($0 as? FileFailure)?.kind == .vanished }
        #expect { try archive.verify(digest) } throws: { ($0 as? FileFailure)?.kind == .vanished }
    }

    @Test func `an object that was tampered with is found and not taken for the original`() throws {
        let stored = try archive.store(bytes: Array("1000.00".utf8))
        let path = archive.objectPath(stored.sha256)
        chmod(path, 0o640)
        let file = try Call.open(path, O_WRONLY)
        try Array("9".utf8).withUnsafeBytes { try Call.write($0, to: file.number) }
        #expect { try archive.verify(stored.sha256) } throws: { ($0 as? FileFailure)?.kind == .damaged }
        truncate(path, 3)
        #expect { try archive.store(bytes: Array("1000.00".utf8)) } throws: { ($0 as? FileFailure)?.kind == .damaged }
        #expect(try place.names("\(state)/spool").isEmpty)
    }

    @Test func `a failing input leaves nothing behind`() throws {
        #expect { try archive.store(fileDescriptor: 9999) } throws: { error in
            let failure = error as? FileFailure
            return failure?.side == .source && failure?.code == EBADF
        }
        let folder = try Call.open(place.path, O_RDONLY | O_DIRECTORY)
        #expect { try archive.store(fileDescriptor: folder.number) } throws: { ($0 as? FileFailure)?.code == EISDIR }
        #expect(try place.names("\(state)/spool").isEmpty)
        #expect(try place.names("\(state)/archive").isEmpty)
    }

    @Test func `what a crash left in the spool is swept by age, objects are not`() throws {
        try place.write("\(state)/spool/old", "half a file", age: .seconds(3600))
        try place.write("\(state)/spool/young", "half a file", age: .seconds(1))
        let stored = try archive.store(bytes: [1, 2, 3])
        #expect(try archive.sweepSpool(olderThan: FileTime.now() + .seconds(-600)) == 1)
        #expect(try place.names("\(state)/spool") == ["young"])
        #expect(try archive.sweepSpool(olderThan: FileTime.now() + .seconds(1)) == 1)
        #expect(archive.contains(stored.sha256))
    }

    @Test func `a cut-off original is recognised in the whole one`() throws {
        let whole = try archive.store(bytes: Array("ISA*00*~GS~ST~SE~GE~IEA~".utf8))
        let cut = try archive.store(bytes: Array("ISA*00*~GS~ST".utf8))
        #expect(try archive.prefixDigest(whole.sha256, count: cut.size) == cut.sha256)
        #expect(try archive.prefixDigest(whole.sha256, count: cut.size - 1) != cut.sha256)
        #expect(try archive.prefixDigest(whole.sha256, count: whole.size) == whole.sha256)
        #expect(try archive.prefixDigest(cut.sha256, count: whole.size) == nil)
        #expect(try archive.prefixDigest(cut.sha256, count: 0) == SHA256.digest(of: ""))
    }

    @Test func `contents lists originals and strangers`() throws {
        let digests = try (0..<20).map { try archive.store(bytes: [UInt8($0)]).sha256 }
        _ = try place.folder("\(state)/archive/lost+found")
        try place.write("\(state)/archive/\(digests[0].hex.prefix(2))/note.txt", "")
        let contents = try archive.contents()
        #expect(contents.originals == digests.sorted())
        #expect(contents.strangers == ["\(digests[0].hex.prefix(2))/note.txt", "lost+found"])
    }

    @Test func `many threads storing the same bytes make one object`() async throws {
        let archive = archive
        let stored = try await withThrowingTaskGroup(of: StoredOriginal.self) { group in
            for index in 0..<64 { group.addTask { try archive.store(bytes: Array("file \(index % 4)".utf8)) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(stored.filter(\.isNew).count == 4)
        #expect(try archive.contents().originals.count == 4)
        #expect(try place.names("\(state)/spool").isEmpty)
    }

    @Test func `a file system without renameat2's flag keeps an existing object as well`() throws {
        let here = try Call.open(place.path, O_RDONLY | O_DIRECTORY)
        for way in NoReplace.Way.allCases {
            try place.write("from", "new")
            try place.write("taken", "old")
            let noReplace = NoReplace(first: way)
            #expect { try noReplace.move("from", in: here, to: "taken", in: here) } throws: { ($0 as? Errno)?.code == EEXIST }
            #expect(try place.read("taken") == "old")
            try noReplace.move("from", in: here, to: "free-\(way)", in: here)
            #expect(try place.read("free-\(way)") == "new")
            #expect(!place.exists("from"))
            #expect { try noReplace.move("from", in: here, to: "other", in: here) } throws: { ($0 as? Errno)?.code == ENOENT }
            #expect(!place.exists("other"))
        }
        #expect(try place.names(".").filter { $0.hasPrefix(".remitd") }.isEmpty)
    }

    @Test(.enabled(if: Playground.canMount))
    func `a full disk keeps nothing and recovers when there is room`() throws {
        _ = try place.folder("small")
        try place.mount("small", size: "256k")
        let archive = try Archive(state: place.at("small/state"))
        let stored = try archive.store(bytes: [UInt8](repeating: 1, count: 65_536))
        #expect { try archive.store(bytes: [UInt8](repeating: 2, count: 1_000_000)) } throws: { error in
            let failure = error as? FileFailure
            return failure?.kind == .diskFull && failure?.side == .archive && "\(error)".contains("No space left on device")
        }
        #expect(try place.names("small/state/spool").isEmpty)
        #expect(try archive.contents().originals == [stored.sha256])
        _ = try archive.store(bytes: [UInt8](repeating: 3, count: 65_536))
    }

    @Test(.enabled(if: Playground.canBeNobody))
    func `an archive that may not be written says permission`() throws {
        _ = try archive.store(bytes: [1])
        Playground.asNobody {
            #expect { try archive.store(bytes: [2]) } throws: { ($0 as? FileFailure)?.kind == .permission }
            #expect { try Archive(state: place.at("var/lib/other")) } throws: { ($0 as? FileFailure)?.kind == .permission }
        }
    }
}

@Suite struct SHA256Tests {
    @Test func `digests equal the published vectors`() {
        #expect(SHA256.digest(of: "abc").hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        var hash = SHA256()
        for _ in 0..<1000 { hash.update([UInt8](repeating: 97, count: 1000)) }
        #expect(hash.finish().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `a digest survives its hexadecimal form, and nothing else is one`() throws {
        let digest = SHA256.digest(of: "abc")
        #expect(SHA256Digest(hex: digest.hex) == digest)
        #expect(SHA256Digest(hex: digest.hex.uppercased()) == digest)
        #expect(SHA256Digest(hex: digest.hex.dropLast()) == nil)
        #expect(SHA256Digest(hex: digest.hex + "0") == nil)
        #expect(SHA256Digest(hex: "../" + digest.hex.dropLast(3)) == nil)
        let other = SHA256.digest(of: "abd")
        #expect((digest < other) == (digest.hex < other.hex))
    }

    @Test func `a finding's id is the first 32 digits`() {
        #expect(Fingerprint.of("abc") == "ba7816bf8f01cfea414140de5dae2223")
    }

    @Test func `times add and subtract across the second`() {
        let time = FileTime(seconds: 10, nanoseconds: 900_000_000)
        #expect(time + .milliseconds(200) == FileTime(seconds: 11, nanoseconds: 100_000_000))
        #expect(time + .milliseconds(-1000) == FileTime(seconds: 9, nanoseconds: 900_000_000))
        #expect(time + .milliseconds(-950) == FileTime(seconds: 9, nanoseconds: 950_000_000))
        #expect(time - FileTime(seconds: 11) == .milliseconds(-100))
    }
}
