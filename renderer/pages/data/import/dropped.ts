/** The files of a drag and drop; of a dropped folder, those that lie directly in it. */
export async function droppedFiles(transfer: DataTransfer | null): Promise<File[]> {
  if (transfer === null) return []
  // entries must be taken before the first await: the transfer is empty afterwards
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry())
  const plain = [...transfer.files]
  if (!entries.some((entry) => entry?.isDirectory === true)) return plain
  const found = await Promise.all(entries.map((entry, i) => filesOf(entry, plain[i])))
  return found.flat()
}

async function filesOf(entry: FileSystemEntry | null, file: File | undefined): Promise<File[]> {
  if (entry === null || !entry.isDirectory) return file === undefined ? [] : [file]
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const children: FileSystemEntry[] = []
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) break
    children.push(...batch)
  }
  const files = children.filter((child) => child.isFile && !child.name.startsWith('.'))
  return Promise.all(files.map((child) => new Promise<File>((resolve, reject) => (child as FileSystemFileEntry).file(resolve, reject))))
}
