import Glibc

/// What inotify(7) says of one folder.
struct FolderEvent: Hashable, Sendable {
    /// The watch it belongs to; -1 for the queue itself.
    var watch: Int32
    /// `IN_…` bits.
    var mask: UInt32
    /// The name inside the folder, without its padding; empty if the folder itself is meant.
    var name: [UInt8]

    /// Events were lost: every folder is to be looked at.
    static let lost = FolderEvent(watch: -1, mask: UInt32(IN_Q_OVERFLOW), name: [])

    private static let headLength = 16
    private static let nameLengthAt = 12

    /// Reads `struct inotify_event`s, one after another. Whatever does not add up counts as `lost`, so that it costs a look
    /// and never a file.
    static func parse(_ bytes: UnsafeRawBufferPointer) -> [FolderEvent] {
        var events: [FolderEvent] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let event = UnsafeRawBufferPointer(rebasing: rest)
            guard event.count >= headLength else { return events + [lost] }
            let length = Int(event.loadUnaligned(fromByteOffset: nameLengthAt, as: UInt32.self))
            guard length <= event.count - headLength else { return events + [lost] }
            events.append(
                FolderEvent(
                    watch: event.loadUnaligned(as: Int32.self), mask: event.loadUnaligned(fromByteOffset: 4, as: UInt32.self),
                    name: Array(event[headLength..<headLength + length].prefix { $0 != 0 })))
            rest = rest.dropFirst(headLength + length)
        }
        return events
    }

    func has(_ bits: Int32) -> Bool { mask & UInt32(bitPattern: bits) != 0 }
}

/// Whether a file system tells of files that others put there.
enum FileSystemEvents {
    /// By `f_type` of statfs(2): what another machine or a program in user space changes there passes this kernel by, and
    /// inotify would keep silent about just the files that matter. Values from linux/magic.h and the file systems' sources.
    private static let silent: [UInt32: String] = [
        0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB", 0x6573_5546: "FUSE", 0x0102_1997: "9p",
        0x5346_414F: "AFS", 0x6B41_4653: "AFS", 0x7375_7245: "Coda", 0x564C: "NCP", 0x00C3_6400: "Ceph", 0x0BD0_0BD0: "Lustre",
        0x4750_4653: "GPFS", 0x1983_0326: "BeeGFS", 0x0116_1970: "GFS2", 0x7461_636F: "OCFS2", 0x786F_4256: "VirtualBox",
        0xBACB_ACBC: "VMware",
    ]

    /// - Returns: the file system's name if its events cannot be relied upon; nil if they can.
    static func silence(of type: UInt32) -> String? { silent[type] }

    private typealias StatFS = @convention(c) (UnsafePointer<CChar>, UnsafeMutableRawPointer) -> Int32
    // Swift's Glibc does not show sys/statfs.h
    private static let statFS = dlsym(nil, "statfs").map { unsafeBitCast($0, to: StatFS.self) }

    static func silence(at path: String) -> String? {
        guard let statFS else { return nil }
        // struct statfs has 120 bytes; f_type is its first word
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 8)
        defer { buffer.deallocate() }
        guard statFS(path, buffer) == 0 else { return nil }
        return silence(of: UInt32(truncatingIfNeeded: buffer.load(as: Int.self)))
    }
}
