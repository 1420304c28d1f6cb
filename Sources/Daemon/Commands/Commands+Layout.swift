import Formats
import Foundation
import Trade

extension Commands {
    // MARK: layout

    /// Proposes a layout of a table, or the amendment of the one that knows it, as YAML on standard output. What is said of it beside
    /// that is a comment there, too, so that the output of every case is one file.
    public static func layout(config: String?, file: String) -> Int32 {
        do {
            // the file that this output goes to may lie among the layouts already, empty
            let configuration = try configuration(config, required: false) { mistake in
                Terminal.error("\(mistake.file ?? "layouts"): \(mistake); left out here")
            }
            let bytes: Data
            do throws(InputError) { bytes = try Input.bytes(file) } catch {
                Terminal.error("\(error)")
                return Exit.usage
            }
            let name = file == "-" ? "table" : (file as NSString).lastPathComponent
            let head = FileHead(name: name, bytes: Array(bytes.prefix(FileHead.limit)), size: bytes.count)
            switch configuration.formats.identify(head) {
            case .container(let container):
                Terminal.problem("\(name): file: it is a \(container.name) container; unpack it, and name the table in it")
                return Exit.rejected
            case .format(let format) where !Self.readsLayouts.contains(format.name):
                Terminal.out(Plain.text("# \(name) is read as \(format.name): it needs no layout, and none would be asked."))
                return Exit.done
            default: break
            }
            do throws(ReadFailure) {
                let advice = try LayoutAdvice(bytes.bytes, name: name, layouts: configuration.allLayouts)
                if case .unknown = advice, let read = Self.read(bytes, name, head, configuration.formats) {
                    Terminal.out(Plain.text("# \(name) is read as \(read): it needs no layout."))
                } else {
                    say(advice, of: name)
                }
                return Exit.done
            } catch {
                switch error {
                case .rejected(let problems): for problem in problems { Terminal.problem("\(name): \(problem)") }
                case .sink(let cause): Terminal.problem("\(name): \(cause)")
                }
                return Exit.rejected
            }
        } catch { return explain(error) }
    }

    /// Formats that ask layouts how to read a file.
    private static let readsLayouts: Set<String> = ["table", "workbook"]

    /// What it is read as by other means than layouts: a sheet of remittances; nil if it is not.
    private static func read(_ bytes: Data, _ name: String, _ head: FileHead, _ formats: Formats) -> String? {
        guard case .format(let format) = formats.identify(head) else { return nil }
        var sink = CountingSink()
        return try? Formats.read(bytes.bytes, as: format, context: ReadingContext(), into: &sink)
    }

    private static func say(_ advice: LayoutAdvice, of name: String) {
        switch advice {
        case .known(let layout, let missing, let added, let yaml):
            Terminal.out(Plain.text("# \(name) fits the layout \(layout)\(missing.isEmpty ? "" : ", but for what it needs")."))
            for (words, captions) in [("It has not", missing), ("New is", added)] where !captions.isEmpty {
                Terminal.out(Plain.text("# \(words): \(captions.map { "\"\($0)\"" }.joined(separator: ", "))"))
            }
            guard let yaml else { return }
            Terminal.out("# What follows replaces it: look at it, save it in layouts.d/, 'remitd check --offline', reload, 'remitd retry'.")
            Terminal.out(String(yaml.dropLast()))
        case .tied(let names):
            Terminal.out(
                Plain.text("# \(name) fits the layouts \(names.joined(separator: " and ")) equally well, and is refused for that."))
            Terminal.out("# Give one of them a needed column that the other has not.")
        case .unknown(let proposal): Terminal.out(String(proposal.yaml.dropLast()))
        }
    }
}
