internal import CLibZip
import Trade

/// An archive that libzip has opened in memory, beside the directory that we have checked.
final class ZipFile {
    let directory: ZipDirectory
    private let archive: OpaquePointer

    /// - Parameter bytes: must outlive this value.
    init(_ bytes: UnsafeRawBufferPointer, bounds: ZipBounds = .standard) throws(ReadFailure) {
        directory = try ZipDirectory(RawSpan(_unsafeBytes: bytes), bounds: bounds)
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        guard let source = zip_source_buffer_create(bytes.baseAddress, UInt64(bytes.count), 0, &error) else {
            throw ZipDirectory.malformed("the archive cannot be opened: \(Self.words(&error))")
        }
        guard let archive = zip_open_from_source(source, ZIP_RDONLY, &error) else {
            zip_source_free(source)
            throw ZipDirectory.malformed("the archive cannot be opened: \(Self.words(&error))")
        }
        self.archive = archive
        try compare()
    }

    deinit { zip_discard(archive) }

    /// Both readings of the directory have to agree.
    private func compare() throws(ReadFailure) {
        let differs = ZipDirectory.malformed("the archive can be read in two ways")
        guard zip_get_num_entries(archive, 0) == Int64(directory.entries.count) else { throw differs }
        for (index, entry) in directory.entries.enumerated() {
            var stat = zip_stat_t()
            zip_stat_init(&stat)
            guard zip_stat_index(archive, UInt64(index), zip_flags_t(ZIP_FL_ENC_RAW), &stat) == 0, let name = stat.name,
                stat.size == UInt64(entry.size), stat.comp_size == UInt64(entry.packed), stat.comp_method == entry.method,
                String(cString: name).utf8.elementsEqual(entry.name) || !entry.isPlain
            else { throw differs }
        }
    }

    /// Opens an entry to be read once, from its beginning.
    func open(_ index: Int) throws(ReadFailure) -> ZipStream {
        let entry = directory.entries[index]
        guard !entry.isEncrypted else {
            throw .rejected([
                Problem(
                    .malformed, at: .file, "\(Text.quote(entry.name)) is encrypted", advice: "send it without a password")
            ])
        }
        guard let file = zip_fopen_index(archive, UInt64(index), 0) else {
            var error = zip_error_t()
            zip_error_init(&error)
            zip_error_set(&error, zip_error_code_zip(zip_get_error(archive)), zip_error_code_system(zip_get_error(archive)))
            defer { zip_error_fini(&error) }
            throw ZipDirectory.malformed("\(Text.quote(entry.name)) cannot be unpacked: \(Self.words(&error))")
        }
        return ZipStream(file, entry)
    }

    fileprivate static func words(_ error: inout zip_error_t) -> String {
        zip_error_strerror(&error).map { String(cString: $0) } ?? "for a reason that is not known"
    }
}

extension ZipDirectory.Entry {
    /// The name has no zero byte and is ASCII, so that libzip hands it over as it is.
    fileprivate var isPlain: Bool { name.allSatisfy { $0 > 0 && $0 < 0x80 } }
}

/// One entry while it is inflated. Its size must be the stated one, its checksum is libzip's to check.
struct ZipStream: ~Copyable {
    private let file: OpaquePointer
    private let name: [UInt8]
    private let size: Int
    private var read = 0

    fileprivate init(_ file: OpaquePointer, _ entry: ZipDirectory.Entry) {
        self.file = file
        name = entry.name
        size = entry.size
    }

    deinit { zip_fclose(file) }

    /// Inflates the next bytes.
    /// - Returns: how many; 0 at the end.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadFailure) -> Int {
        let count = Int(zip_fread(file, buffer.baseAddress, UInt64(buffer.count)))
        guard count >= 0 else {
            throw ZipDirectory.malformed("\(Text.quote(name)) is damaged: \(reason)")
        }
        read += count
        guard read <= size, count > 0 || read == size else {
            throw ZipDirectory.malformed("\(Text.quote(name)) is not \(size) bytes as the archive says")
        }
        return count
    }

    private var reason: String {
        guard let error = zip_file_get_error(file), let words = zip_error_strerror(error) else { return "it cannot be inflated" }
        return String(cString: words)
    }
}
