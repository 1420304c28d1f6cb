// workload FOLDER COUNT SEED
//
// Writes COUNT invoices as X12 810, one remittance line for each as X12 820 and as the Vendor Central export, and the same
// rows as plain CSV for `sqlite3 .import`. Invoices and lines come in two different random orders, so that no index is
// filled in its own order. Every 200th line is 2.00 short: some work for the rules, as in life.
import Foundation

let arguments = CommandLine.arguments
guard arguments.count == 4, let count = Int(arguments[2]), count > 0, let seed = UInt64(arguments[3]) else {
    FileHandle.standardError.write(Data("usage: workload FOLDER COUNT SEED\n".utf8))
    exit(64)
}
let folder = URL(filePath: arguments[1])

do {
    try Workload(folder: folder, count: count, seed: seed).write()
} catch {
    FileHandle.standardError.write(Data("workload: \(error)\n".utf8))
    exit(1)
}
