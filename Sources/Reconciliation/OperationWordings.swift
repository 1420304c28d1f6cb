import Trade

/// Kinds that the daemon raises about its sources and itself, without a rule over documents.
enum OperationWordings {
    static let all: [FindingKind: Wording] = [
        .sourceFailing: Wording(
            title: .init(en: "Source fails", zh: "数据源故障"),
            sentence: .init(
                en: "Source {{subject}} fails ({{details.class}}): {{details.text}}",
                zh: "数据源 {{subject}} 故障（{{details.class}}）：{{details.text}}"),
            action: .init(en: "Repair the source", zh: "修复数据源")),
        .sourceSilent: Wording(
            title: .init(en: "Source silent", zh: "数据源无新文件"),
            sentence: .init(
                en: "Nothing came from {{subject}} since {{details.since}}.", zh: "数据源 {{subject}} 自 {{details.since}} 起没有新文件。"),
            action: .init(en: "Ask why nothing comes", zh: "查明无文件的原因")),
        .sourceUnsettled: Wording(
            title: .init(en: "File keeps growing", zh: "文件一直在变化"),
            sentence: .init(
                en: "In {{subject}}, {{details.name}} has been changing for more than an hour and was not taken yet.",
                zh: "数据源 {{subject}} 中的文件 {{details.name}} 一小时以来仍在变化，尚未读取。"),
            action: .init(en: "Look at the upload", zh: "检查上传")),
        .serviceTrouble: Wording(
            title: .init(en: "remitd needs attention", zh: "remitd 需要处理"),
            sentence: .init(en: "{{subject}}: {{details.text}}", zh: "{{subject}}：{{details.text}}"),
            action: .init(en: "Repair", zh: "处理")),
    ]
}
