import Foundation
import Glibc

/// A file named on the command line that cannot be read: one line.
struct InputError: Error, CustomStringConvertible {
    var description: String
}

/// Files named on the command line.
enum Input {
    /// The bytes of a file, of a pipe, or, for `-`, of standard input.
    static func bytes(_ path: String) throws(InputError) -> Data {
        if path == "-" {
            do { return try FileHandle.standardInput.readToEnd() ?? Data() } catch {
                throw InputError(description: "standard input: cannot be read: \(error.localizedDescription)")
            }
        }
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw InputError(description: "\(path): cannot be read: \(String(cString: strerror(errno)))") }
        guard facts.st_mode & S_IFMT != S_IFDIR else { throw InputError(description: "\(path): is a folder; name the files in it") }
        // mapped, a large file costs no copy of itself; a pipe cannot be, and an empty file need not
        let isMapped = facts.st_mode & S_IFMT == S_IFREG && facts.st_size > 0
        do { return try Data(contentsOf: URL(fileURLWithPath: path), options: isMapped ? .alwaysMapped : .mappedIfSafe) } catch {
            throw InputError(description: "\(path): cannot be read: \(error.localizedDescription)")
        }
    }

    /// The name under which a file goes into the inbox: one that a folder source takes, whatever it was called.
    static func name(_ path: String) -> String {
        if path == "-" { return "standard-input" }
        var name = ""
        for scalar in (path as NSString).lastPathComponent.unicodeScalars {
            name.unicodeScalars.append(Plain.isOdd(scalar) || scalar == "\u{FFFD}" ? "_" : scalar)
        }
        // room for " (999)" and for ".reason.txt"
        while name.utf8.count > 200 { name.removeFirst() }
        let lower = name.lowercased()
        if name.isEmpty || lower.hasPrefix(".") { name = "_" + name }
        let unwelcome = [".part", ".tmp", ".filepart", ".swp", "~", PersonsAction.suffix]
        if unwelcome.contains(where: { lower.hasSuffix($0) }) || ["accepted", "rejected"].contains(name) { name += "_" }
        return name
    }
}
