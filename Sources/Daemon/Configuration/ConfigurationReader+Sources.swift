import Trade

extension ConfigurationReader {
    enum SourceKind: String, CaseIterable {
        case folder, sftp, spapi, http

        var keys: [String] {
            switch self {
            case .folder: ["path", "settle"]
            case .sftp: ConfigurationReader.sftpKeys
            case .spapi: ["region", "client_id", "client_secret", "refresh_token", "backfill_months", "endpoint", "lwa_endpoint"]
            case .http: ["url"]
            }
        }

        var every: Int {
            switch self {
            case .folder: SourceConfiguration.folderEvery
            case .sftp: SourceConfiguration.sftpEvery
            case .spapi: SourceConfiguration.spapiEvery
            case .http: SourceConfiguration.httpEvery
            }
        }
    }

    static let commonSourceKeys = ["id", "kind", "account", "every", "expect_every", "test_interchanges"]

    enum TestInterchanges: String, CaseIterable { case refuse, book }

    mutating func readSources(_ field: Field) {
        guard let entries = field.list("sources", allowsEmpty: false) else { return }
        var lines: [String: Int] = [:]
        var folders: [String: String] = [:]
        var inboxes: [ServerFolder: String] = [:]
        for entry in entries {
            // the kind decides which keys are known, so it is looked at first
            let kind = Section.word("kind", in: entry.node).flatMap { SourceKind(rawValue: $0) }
            let ownKeys = kind?.keys ?? SourceKind.allCases.flatMap(\.keys)
            var elsewhere: [String: String] = [:]
            for other in SourceKind.allCases where other != kind {
                for key in other.keys where !ownKeys.contains(key) { elsewhere[key] = "kind \(other.rawValue)" }
            }
            guard let section = entry.section(Self.commonSourceKeys + ownKeys, elsewhere: elsewhere) else { continue }
            let idField = section.required("id", write: "id: drop")
            let id = idField?.identifier()
            if let id, let idField {
                if let first = lines[id] { idField.wrong("there is another source '\(id)' on line \(first); give each its own id") }
                lines[id] = lines[id] ?? idField.line
            }
            _ = section.required("kind", write: "kind: folder, sftp, spapi or http")?.choice(SourceKind.self)
            let account = section["account"].flatMap { knownAccount($0) }
            let every = section["every"]?.duration(from: 1, to: 31 * 86_400)
            let expectEvery = section["expect_every"]?.duration(from: 60, to: 400 * 86_400)
            let tests = section["test_interchanges"]?.choice(TestInterchanges.self) ?? .refuse
            guard let kind, let settings = settings(section, kind) else { continue }
            if case .folder(let folder) = settings {
                if let other = folders[folder.path] {
                    section["path"]?.wrong("source '\(other)' takes files from the same folder; give each source its own")
                }
                if folder.path == configuration.state || folder.path.hasPrefix(configuration.state + "/") && isOwn(folder.path) {
                    section["path"]?.wrong("is remitd's own folder; choose one outside of state")
                }
                folders[folder.path] = id ?? ""
            }
            if case .sftp(let server) = settings { apart(server, section, id ?? "", &inboxes) }
            configuration.sources.append(
                SourceConfiguration(
                    id: id ?? "", account: account, every: every ?? kind.every, expectEvery: expectEvery, booksTests: tests == .book,
                    kind: settings))
        }
    }

    /// What lies in the state folder by the program's own doing.
    private func isOwn(_ path: String) -> Bool {
        ["archive", "outbox", "spool", "inbox"].contains { own in
            let folder = "\(configuration.state)/\(own)"
            return path == folder || path.hasPrefix(folder + "/")
        }
    }

    private func settings(_ section: Section, _ kind: SourceKind) -> SourceConfiguration.Kind? {
        switch kind {
        case .folder:
            let path = section.required("path", write: "path: /srv/remitd/drop")?.path(in: folder)
            let settle = section["settle"]?.duration(from: 0, to: 86_400)
            return path.map { .folder(FolderSource(path: $0, settle: settle ?? 10)) }
        case .sftp: return sftp(section).map { .sftp($0) }
        case .spapi: return spapi(section).map { .spapi($0) }
        case .http: return section.required("url", write: "url: https://…")?.url().map { .http(HTTPSource(url: $0)) }
        }
    }

    private func spapi(_ section: Section) -> SellingPartnerSource? {
        let region = section.required("region", write: "region: na, eu or fe")?.choice(SellingPartnerSource.Region.self)
        let id = section.required("client_id", write: "client_id: credential:NAME")?.secret(in: folder)
        let secret = section.required("client_secret", write: "client_secret: credential:NAME")?.secret(in: folder)
        let token = section.required("refresh_token", write: "refresh_token: credential:NAME")?.secret(in: folder)
        let months = section["backfill_months"]?.integer(in: 0...120, "months") ?? 12
        let endpoint = section["endpoint"]?.url()
        let lwa = section["lwa_endpoint"]?.url()
        guard let region, let id, let secret, let token else { return nil }
        return SellingPartnerSource(
            region: region, clientID: id, clientSecret: secret, refreshToken: token, backfillMonths: months, endpoint: endpoint,
            lwaEndpoint: lwa)
    }
}
