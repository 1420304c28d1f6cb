public import Trade

/// `file.account`: a document's currency contradicts the account it would go to; the file is held, not booked.
public enum FileAccount: FileRule {
    public static let kind = FindingKind.fileAccount

    public static let wording = Wording(
        title: .init(en: "File belongs to another account", zh: "文件不属于该账户"),
        sentence: .init(en: "{{subject}} is held: {{details.first}}", zh: "文件 {{subject}} 暂未入账：{{details.first}}"),
        action: .init(en: "Say which account it belongs to", zh: "指定入账账户"))

    public static func judge(_ file: FileCase, account: String) -> [Finding] {
        guard file.outcome == .held else { return [] }
        return [
            Finding(
                kind, account: account, subject: file.name, key: file.sha256, severity: .warning,
                details: ["first": .string(file.problems.first?.description ?? "")],
                evidence: [Evidence(sha256: file.sha256, file: file.name, at: .file)])
        ]
    }
}
