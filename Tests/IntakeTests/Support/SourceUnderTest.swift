import Foundation
import Glibc
import Synchronization
import Testing
import Trade

@testable import Intake

/// A kind of source, as the conformance suite sees it: files lie somewhere, and one pass looks, takes, commits, acknowledges.
protocol SourceUnderTest: AnyObject {
    /// Where the files lie, on this machine.
    var folder: String { get }
    /// Called between the look at the files and their being fetched.
    var afterLook: (() -> Void)? { get set }
    /// The archive may be replaced.
    var archive: Archive { get set }
    /// One pass.
    /// - Parameter after: seconds since the source was made, by the clock the settle rule goes by.
    func pass(after: Int64) -> Passed
}

/// What one pass did.
struct Passed {
    /// Name and digest of what was committed.
    var taken: [String: SHA256Digest] = [:]
    var failure: SourceFailure?
    var isHeldUpByUs = false
    var notices: [String] = []
    var unsettled: [String] = []
}

enum SourceKind: String, CaseIterable, CustomTestStringConvertible {
    case folder
    case libssh2 = "SFTP by libssh2"
    case openssh = "SFTP by OpenSSH"
    var testDescription: String { rawValue }

    static let here = allCases.filter { kind in
        switch kind {
        case .folder: true
        case .libssh2: RealServer.isThere
        case .openssh: RealServer.isThere && RealServer.hasOpenSSH
        }
    }
    static let settle = Duration.seconds(10)

    func make(_ place: Playground) throws -> any SourceUnderTest {
        switch self {
        case .folder: try FolderUnderTest(place)
        case .libssh2: try SFTPUnderTest(place, .libssh2)
        case .openssh: try SFTPUnderTest(place, .openssh)
        }
    }
}

final class FolderUnderTest: SourceUnderTest {
    let folder: String
    var afterLook: (() -> Void)?
    var archive: Archive
    private var inbox: FolderInbox
    private let start = FileTime.now()

    init(_ place: Playground) throws {
        folder = try place.folder("drop")
        archive = try Archive(state: place.at("state"))
        inbox = FolderInbox(id: "drop", path: folder, settle: SourceKind.settle)
    }

    func pass(after: Int64) -> Passed {
        var passed = Passed()
        do throws(SourceFailure) {
            let listing = try inbox.scan(now: start + .seconds(after))
            afterLook?()
            passed.notices = listing.newOddities.map(\.description)
            passed.unsettled = listing.unsettled.map(\.file.name)
            for start in stride(from: 0, to: listing.settled.count, by: FolderInbox.mostAtOnce) {
                let files = Array(listing.settled[start..<min(start + FolderInbox.mostAtOnce, listing.settled.count)])
                for (file, result) in zip(files, inbox.receive(files, into: archive)) {
                    switch result {
                    case .success(let received):
                        passed.taken[received.name] = received.sha256
                        _ = try inbox.accept(file)
                    case .failure(.archive(let failure)):
                        passed.isHeldUpByUs = true
                        passed.failure = SourceFailure(.remote, failure.description)
                    case .failure: break
                    }
                }
            }
        } catch {
            passed.failure = error
        }
        return passed
    }
}

final class SFTPUnderTest: SourceUnderTest {
    let folder: String
    var afterLook: (() -> Void)?
    var archive: Archive
    let records = HookedRecords()
    let inbox: SFTPInbox
    let start = FileTime.now()

    init(
        _ place: Playground, _ transport: SFTPSettings.TransportChoice, server: RealServer? = nil, settle: Duration = SourceKind.settle,
        _ change: (inout SFTPSettings) -> Void = { _ in }
    ) throws {
        let server = try server ?? RealServer.shared.get()
        let name = "t\(UInt32.random(in: 0 ... .max))"
        folder = "\(server.root)/\(name)"
        guard mkdir(folder, 0o755) == 0 else { throw Errno.last }
        chown(folder, 61123, 61123)
        archive = try Archive(state: place.at("state"))
        var settings = server.settings("\(server.remote)/\(name)", transport: transport)
        settings.settle = settle
        change(&settings)
        inbox = SFTPInbox(settings, program: RealServer.program ?? "/proc/self/exe")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func poll(after: Int64 = 0) -> RemotePoll {
        records.afterQuestion = afterLook
        return inbox.poll(now: start + .seconds(after), archive: archive, records: records) { false }
    }

    func pass(after: Int64) -> Passed {
        let before = records.inner.now.arrivals.count
        let result = poll(after: after)
        var passed = Passed(failure: result.failure, isHeldUpByUs: result.isHeldUpByUs, notices: result.notices)
        passed.unsettled = result.unsettled.map(\.name)
        for arrival in records.inner.now.arrivals[before...] {
            #expect(passed.taken[arrival.name] == nil, "\(arrival.name) was taken twice")
            passed.taken[arrival.name] = SHA256Digest(hex: arrival.sha256)
        }
        return passed
    }
}

/// A ledger that lets a test do something between the listing and the fetch.
final class HookedRecords: RemoteRecords, @unchecked Sendable {
    let inner = MemoryRecords()
    var afterQuestion: (() -> Void)?
    func areKnown(_ files: [RemoteFile]) throws -> [Bool] {
        defer { afterQuestion?() }
        return try inner.areKnown(files)
    }
    func receive(_ files: [FetchedRemoteFile], isFinal: Bool) throws { try inner.receive(files, isFinal: isFinal) }
    func acknowledge(_ files: [RemoteFile]) throws { try inner.acknowledge(files) }
}
