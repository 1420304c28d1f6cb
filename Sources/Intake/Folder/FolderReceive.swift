import Glibc

extension FolderInbox {
    /// Copies a settled file into the archive. The file itself stays where it is, for `accept` or `reject` once its
    /// arrival is committed.
    public func receive(_ file: FolderFile, into archive: Archive) throws(ReceiveFailure) -> Received {
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
        let stored: StoredOriginal?
        do {
            stored = try archive.store(fileDescriptor: input.number, origin: origin, limit: file.size) { size in
                size == opened.size && (try? Call.status(input)) == opened
            }
        } catch {
            throw error.side == .source ? .unreadable(error) : .archive(error)
        }
        guard let stored else { throw .changed }
        return Received(
            sha256: stored.sha256, size: stored.size, mtime: file.mtime, name: file.name, isNew: stored.isNew)
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
