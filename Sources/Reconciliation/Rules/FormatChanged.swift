public import Trade

/// `format.changed`: a known export came without a column that is needed, or with others. One that only has more columns is booked all
/// the same, and this stays open until a layout knows them.
public enum FormatChanged: FileRule {
    public static let kind = FindingKind.formatChanged

    public static let wording = Wording(
        title: .init(en: "Export has changed", zh: "导出格式已变"),
        sentence: .init(
            en:
                "{{subject}} has other columns than this export had{{#details.booked}}; it was booked all the same{{/details.booked}}{{^details.booked}}, and was not booked{{/details.booked}}: {{details.first}}",
            zh:
                "文件 {{subject}} 的列与该导出格式以前不同{{#details.booked}}，文件已入账{{/details.booked}}{{^details.booked}}，文件未入账{{/details.booked}}：{{details.first}}"
        ),
        action: .init(en: "Amend the layout ('remitd layout FILE') and retry the file", zh: "用“remitd layout 文件”调整列定义，再重新读取"))

    public static func judge(_ file: FileCase, account: String) -> [Finding] {
        let problems = file.problems.filter { $0.kind == .changed }
        let isRefused = file.outcome == .rejected || file.outcome == .partial
        let addedToBooked = file.outcome == .booked || file.outcome == .partial ? file.addedColumns : []
        guard isRefused && !problems.isEmpty || !addedToBooked.isEmpty else { return [] }
        var details: JSON = [
            "first": .string(
                problems.first?.description ?? "new: " + addedToBooked.map { "\"\($0)\"" }.joined(separator: ", "))
        ]
        func list(_ captions: [String]) -> JSON {
            var seen: Set<String> = []
            return .array(captions.filter { seen.insert($0).inserted }.map(JSON.string))
        }
        let missing = problems.flatMap(\.missing)
        let added = problems.flatMap(\.added) + addedToBooked
        if !missing.isEmpty { details["missing"] = list(missing) }
        if !added.isEmpty { details["added"] = list(added) }
        let renamed = problems.flatMap(\.renamed)
        if !renamed.isEmpty { details["renamed"] = .array(renamed.map { ["old": .string($0.old), "new": .string($0.new)] }) }
        if problems.isEmpty { details["booked"] = true }
        return [
            Finding(
                kind, account: account, subject: file.name, key: file.sha256, severity: .warning, details: details,
                evidence: problems.isEmpty
                    ? [Evidence(sha256: file.sha256, file: file.name, at: .file)]
                    : problems.prefix(FileRejected.problemLimit).map { Evidence(sha256: file.sha256, file: file.name, at: $0.at) })
        ]
    }
}
