public import Trade

/// `file.rejected`: a file could not be read, wholly or (`details.partial`) in part.
public enum FileRejected: FileRule {
    public static let kind = FindingKind.fileRejected

    public static let wording = Wording(
        title: .init(en: "File not read", zh: "文件无法读取"),
        sentence: .init(
            en:
                "{{subject}} {{#details.partial}}was read only in part{{/details.partial}}{{^details.partial}}was not read{{/details.partial}}: {{details.first}}",
            zh:
                "文件 {{subject}} {{#details.partial}}只读取了一部分{{/details.partial}}{{^details.partial}}未能读取{{/details.partial}}：{{details.first}}"
        ),
        action: .init(en: "Get a readable copy", zh: "请重新取得文件"))

    /// More than this many problems of one file tell nothing new.
    static let problemLimit = 20

    public static func judge(_ file: FileCase, account: String) -> [Finding] {
        // a known export with other columns is another finding: only that one
        let problems = file.problems.filter { $0.kind != .changed }
        guard file.outcome == .rejected || file.outcome == .partial, let first = problems.first else { return [] }
        var details: JSON = [
            "first": .string(first.description), "reason": .string(first.kind.rawValue),
            "problems": .array(problems.prefix(problemLimit).map { .string($0.description) }),
        ]
        if file.outcome == .partial { details["partial"] = true }
        return [
            Finding(
                kind, account: account, subject: file.name, key: file.sha256, severity: .warning, details: details,
                evidence: problems.prefix(problemLimit).map { Evidence(sha256: file.sha256, file: file.name, at: $0.at) })
        ]
    }
}
