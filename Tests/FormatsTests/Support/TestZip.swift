import CZlib
import Foundation

/// Writes ZIP archives, honest ones and others.
struct TestZip {
    struct Entry {
        var name: [UInt8]
        /// As it lies in the archive.
        var packed: [UInt8]
        var size: Int
        var crc: UInt32
        var method: UInt16
        var flags: UInt16 = 0
        /// What the local header says, if it is not the same.
        var localName: [UInt8]?
        var localSize: Int?
        var localPacked: Int?
        /// What the directory says, if it is not the same.
        var centralSize: Int?
        var centralPacked: Int?
        /// Puts the directory's entry onto another one's local header.
        var sharesBytesOf: Int?
        var extra: [UInt8] = []

        init(_ name: String, _ bytes: [UInt8], deflated: Bool = false) {
            self.init(name: Array(name.utf8), bytes, deflated: deflated)
        }

        init(name: [UInt8], _ bytes: [UInt8], deflated: Bool = false) {
            self.name = name
            size = bytes.count
            crc = UInt32(crc32(0, bytes, UInt32(bytes.count)))
            method = deflated ? 8 : 0
            packed = deflated ? Deflate.raw(bytes) : bytes
        }

        /// So many times one byte, deflated without being built.
        init(_ name: String, bomb byte: UInt8, count: Int) {
            self.name = Array(name.utf8)
            (packed, crc) = Deflate.bomb(byte, count)
            size = count
            method = 8
        }
    }

    var entries: [Entry] = []
    var comment: [UInt8] = []

    func bytes() -> [UInt8] {
        var out: [UInt8] = []
        var offsets: [Int] = []
        for entry in entries {
            let start = entry.sharesBytesOf.map { offsets[$0] }
            offsets.append(start ?? out.count)
            if start != nil { continue }
            let name = entry.localName ?? entry.name
            out += word(0x0403_4B50) + half(20) + half(entry.flags) + half(entry.method) + word(0x5821_0000)
            out += word(entry.crc) + word(UInt32(entry.localPacked ?? entry.packed.count)) + word(UInt32(entry.localSize ?? entry.size))
            out += half(UInt16(name.count)) + half(0) + name + entry.packed
        }
        let directory = out.count
        for (index, entry) in entries.enumerated() {
            out += word(0x0201_4B50) + half(20) + half(20) + half(entry.flags) + half(entry.method) + word(0x5821_0000)
            out += word(entry.crc) + word(UInt32(entry.centralPacked ?? entry.packed.count)) + word(UInt32(entry.centralSize ?? entry.size))
            out += half(UInt16(entry.name.count)) + half(UInt16(entry.extra.count)) + half(0) + half(0) + half(0) + word(0)
            out += word(UInt32(offsets[index])) + entry.name + entry.extra
        }
        out += word(0x0605_4B50) + half(0) + half(0) + half(UInt16(entries.count)) + half(UInt16(entries.count))
        out += word(UInt32(out.count - directory - 12)) + word(UInt32(directory)) + half(UInt16(comment.count)) + comment
        return out
    }

    private func half(_ value: UInt16) -> [UInt8] { [UInt8(value & 255), UInt8(value >> 8)] }
    private func word(_ value: UInt32) -> [UInt8] { half(UInt16(value & 0xFFFF)) + half(UInt16(value >> 16)) }
}

enum Deflate {
    static func raw(_ bytes: [UInt8]) -> [UInt8] { pack(windowBits: -15) { $0(bytes) } }

    static func gzip(_ bytes: [UInt8]) -> [UInt8] { pack(windowBits: 31) { $0(bytes) } }

    static func bomb(_ byte: UInt8, _ count: Int, gzip: Bool = false) -> (packed: [UInt8], crc: UInt32) {
        let piece = [UInt8](repeating: byte, count: 1 << 20)
        var crc: UInt = 0
        let packed = pack(windowBits: gzip ? 31 : -15) { feed in
            var left = count
            while left > 0 {
                let part = left < piece.count ? Array(piece.prefix(left)) : piece
                crc = crc32(crc, part, UInt32(part.count))
                feed(part)
                left -= part.count
            }
        }
        return (packed, UInt32(crc))
    }

    private static func pack(windowBits: Int32, _ body: (_ feed: ([UInt8]) -> Void) -> Void) -> [UInt8] {
        var stream = z_stream()
        var out: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        withUnsafeMutablePointer(to: &stream) { stream in
            deflateInit2_(stream, 9, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            func run(_ bytes: [UInt8], _ flush: Int32) {
                var bytes = bytes
                bytes.withUnsafeMutableBufferPointer { input in
                    stream.pointee.next_in = input.baseAddress
                    stream.pointee.avail_in = UInt32(input.count)
                    repeat {
                        buffer.withUnsafeMutableBufferPointer { output in
                            stream.pointee.next_out = output.baseAddress
                            stream.pointee.avail_out = UInt32(output.count)
                            deflate(stream, flush)
                        }
                        out += buffer.prefix(buffer.count - Int(stream.pointee.avail_out))
                    } while stream.pointee.avail_out == 0
                }
            }
            body { run($0, Z_NO_FLUSH) }
            run([], Z_FINISH)
            deflateEnd(stream)
        }
        return out
    }
}
