import Glibc

extension FolderInbox {
    /// Copies a settled file into the archive. The file itself stays where it is, for `accept` or `reject` once its
    /// arrival is committed.
    public func receive(_ file: FolderFile, into archive: Archive) throws(ReceiveFailure) -> Received {
        let draft = try draft(file, in: archive)
        do {
            return received(file, try archive.publish(draft))
        } catch {
            throw .archive(error)
        }
    }

    /// Copies many settled files into the archive and makes them durable together: for floods of small files.
    /// - Parameter files: each keeps a descriptor open until the end, so give at most some hundreds (`mostAtOnce`).
    /// - Returns: one result for each file, in the order given. Once the archive has failed, it is asked no more: the
    ///   rest get the same failure.
    public func receive(_ files: [FolderFile], into archive: Archive) -> [Result<Received, ReceiveFailure>] {
        var drafts: [Archive.Draft] = []
        var results: [Result<Received, ReceiveFailure>] = []
        var drafted: [Int] = []
        var broken: ReceiveFailure?
        for (index, file) in files.enumerated() {
            do throws(ReceiveFailure) {
                if let broken { throw broken }
                drafts.append(try draft(file, in: archive))
                drafted.append(index)
                results.append(.failure(.changed))
            } catch {
                results.append(.failure(error))
                switch error {
                case .archive, .source: broken = error
                case .gone, .changed, .unreadable: break
                }
            }
        }
        do {
            for (index, stored) in zip(drafted, try archive.publish(drafts)) {
                results[index] = stored.map { received(files[index], $0) }.mapError { .archive($0) }
            }
        } catch {
            for index in drafted { results[index] = .failure(.archive(error)) }
        }
        return results
    }

    /// Files per group of receipts (design decision 14).
    public static let mostAtOnce = 256

    private func received(_ file: FolderFile, _ stored: StoredOriginal) -> Received {
        Received(sha256: stored.sha256, size: stored.size, mtime: file.mtime, name: file.name, isNew: stored.isNew)
    }

    /// Copies the file into the spool, from a descriptor that was checked to be the file that was looked at, before and after.
    private func draft(_ file: FolderFile, in archive: Archive) throws(ReceiveFailure) -> Archive.Draft {
        let origin = "\(path)/\(file.name)"
        let input = try open(file, origin)
        let opened: FileStatus
        do {
            opened = try Call.status(input)
        } catch {
            throw .unreadable(FileFailure(error, side: .source, operation: "look at", path: origin))
        }
        // the inode's own change time too: it moves even if a writer sets the modification time back
        guard file.isUnchanged(opened), opened.changed == file.status.changed else { throw .changed }
        let draft: Archive.Draft?
        do {
            draft = try archive.draft(fileDescriptor: input.number, origin: origin, limit: file.size) { size in
                size == opened.size && (try? Call.status(input)) == opened
            }
        } catch {
            throw error.side == .source ? .unreadable(error) : .archive(error)
        }
        guard let draft else { throw .changed }
        return draft
    }

    private func open(_ file: FolderFile, _ origin: String) throws(ReceiveFailure) -> Descriptor {
        let folder = try folderOrFailure()
        do {
            // O_NONBLOCK: a FIFO that took the name since would wait for a writer for ever
            return try Call.open(at: folder, file.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            switch error.code {
            case ENOENT: throw .gone
            case ELOOP, ENXIO, ENODEV: throw .changed
            default: throw .unreadable(FileFailure(error, side: .source, operation: "open", path: origin))
            }
        }
    }

    private func folderOrFailure() throws(ReceiveFailure) -> Descriptor {
        do {
            return try reopenFolder()
        } catch {
            throw .source(error)
        }
    }
}
