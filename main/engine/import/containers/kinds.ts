/**
 * What a file is, by its first bytes: a name's ending says nothing here. Every container that is read stands with what reads it and how
 * large it may be; whatever else is known by its bytes is refused by its name, with the way out.
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import { badData } from '../../../contract/errors.ts'

/** Packed bytes around another file. */
export type Packing = 'gzip' | 'zstd' | 'bzip2' | 'zip'
/** What holds tables. */
export type Content = 'text' | 'json' | 'parquet' | 'sqlite' | 'arrow' | 'xlsx'
export type Container = Packing | Content

/** What is read, by what, and up to which size; `pylon layouts` and the page list it. */
export const CONTAINERS: Readonly<Record<Container, { readonly label: string; readonly library: string; readonly limit: string }>> = {
  text: { label: 'CSV, TSV and other delimited text', library: 'DuckDB', limit: 'rows of 8 MiB' },
  json: { label: 'JSON Lines, JSON', library: 'DuckDB', limit: 'objects of 8 MiB; one document of 512 MiB' },
  parquet: { label: 'Parquet', library: 'DuckDB', limit: 'none' },
  sqlite: { label: 'SQLite', library: "Node's own SQLite", limit: 'none' },
  arrow: { label: 'Arrow IPC, Feather 2', library: 'apache-arrow', limit: 'record batches of 2 GiB' },
  xlsx: { label: 'Excel .xlsx', library: 'yauzl, sax', limit: 'sheets of 1 GiB unpacked' },
  gzip: { label: 'gzip', library: "Node's own zlib", limit: 'the free disk, unpacked' },
  zstd: { label: 'Zstandard', library: "Node's own zlib", limit: 'the free disk, unpacked' },
  bzip2: { label: 'bzip2', library: 'a decoder of our own', limit: 'the free disk, unpacked' },
  zip: { label: 'zip', library: 'yauzl', limit: 'the free disk, unpacked' },
}

const HEAD = 4096

type Signature = readonly [at: number, bytes: string | readonly number[]]

const READ: readonly (readonly [Container, Signature])[] = [
  ['parquet', [0, 'PAR1']],
  ['sqlite', [0, 'SQLite format 3\0']],
  ['arrow', [0, 'ARROW1']],
  ['gzip', [0, [0x1f, 0x8b]]],
  ['zstd', [0, [0x28, 0xb5, 0x2f, 0xfd]]],
  // a frame of a program's own use may stand first, as pzstd's
  ...Array.from({ length: 16 }, (_, k): [Container, Signature] => ['zstd', [0, [0x50 + k, 0x2a, 0x4d, 0x18]]]),
  ['bzip2', [0, 'BZh']],
  ['zip', [0, [0x50, 0x4b, 0x03, 0x04]]],
  // an empty archive is one too
  ['zip', [0, [0x50, 0x4b, 0x05, 0x06]]],
  // the stream form of Arrow: a continuation mark, then the length of the schema
  ['arrow', [0, [0xff, 0xff, 0xff, 0xff]]],
]

const PANDAS = 'Write it with pandas as Parquet or CSV'
const UNREAD: readonly (readonly [what: string, remedy: string, Signature])[] = [
  ['a Python pickle', `${PANDAS}: df.to_parquet("data.parquet")`, [0, [0x80, 0x02]]],
  ['a Python pickle', `${PANDAS}: df.to_parquet("data.parquet")`, [0, [0x80, 0x03]]],
  ['a Python pickle', `${PANDAS}: df.to_parquet("data.parquet")`, [0, [0x80, 0x04]]],
  ['a Python pickle', `${PANDAS}: df.to_parquet("data.parquet")`, [0, [0x80, 0x05]]],
  ['an HDF5 file', `${PANDAS}: pd.read_hdf(file).to_parquet("data.parquet")`, [0, [0x89, 0x48, 0x44, 0x46]]],
  ['an ORC file', 'Write it as Parquet, with pyarrow or Spark', [0, 'ORC']],
  ['an Avro file', 'Write it as Parquet or JSON Lines, with Spark or fastavro', [0, 'Obj\x01']],
  ['a RAR archive', 'Unpack it and pass the folder', [0, 'Rar!\x1a\x07']],
  ['a 7z archive', 'Unpack it and pass the folder', [0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]]],
  ['an xz file', 'Unpack it with xz --decompress', [0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]]],
  ['an lz4 file', 'Unpack it with lz4 --decompress', [0, [0x04, 0x22, 0x4d, 0x18]]],
  ['a snappy stream', 'Unpack it first', [0, [0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50]]],
  ['a file compressed with compress (.Z)', 'Unpack it with uncompress', [0, [0x1f, 0x9d]]],
  ['a tar archive', 'Unpack it and pass the folder', [257, 'ustar']],
  ['an old Excel or Office file (.xls)', 'Save it as .xlsx or CSV', [0, [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]]],
  ['a Feather file of version 1', `${PANDAS}, or as Feather 2`, [0, 'FEA1']],
  ['a NumPy array', `${PANDAS}: pd.DataFrame(np.load(file)).to_csv("data.csv", index=False)`, [0, [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]]],
  ['a DuckDB database', 'Write its tables with COPY … TO (FORMAT parquet)', [8, 'DUCK']],
  ['UTF-32 text', 'Save it as UTF-8', [0, [0xff, 0xfe, 0x00, 0x00]]],
  ['UTF-32 text', 'Save it as UTF-8', [0, [0x00, 0x00, 0xfe, 0xff]]],
  ['a pointer of Git LFS, not the file itself', 'Get the file with git lfs pull', [0, 'version https://git-lfs']],
  ['an R data file', 'Write it with write.csv or arrow::write_parquet', [0, 'RDX']],
  ['an R data file', 'Write it with write.csv or arrow::write_parquet', [0, 'X\n\0\0\0']],
  ['a MATLAB file', 'Write it as CSV with writetable', [0, 'MATLAB 5.0']],
  ['a Stata file', `${PANDAS}: pd.read_stata(file).to_parquet("data.parquet")`, [0, '<stata_dta>']],
  ['an SPSS file', `${PANDAS}: pd.read_spss(file).to_parquet("data.parquet")`, [0, '$FL2']],
  ['an Access database', 'Export its tables as CSV', [4, 'Standard Jet DB']],
  ['an Access database', 'Export its tables as CSV', [4, 'Standard ACE DB']],
  ['a PDF', 'Ask for the table behind it, as CSV', [0, '%PDF']],
  ['a picture', 'Choose a file that holds a table', [0, [0x89, 0x50, 0x4e, 0x47]]],
  ['a picture', 'Choose a file that holds a table', [0, [0xff, 0xd8, 0xff]]],
]

/** A file's first bytes. */
export function headOf(path: string, bytes = HEAD): Buffer {
  const file = openSync(path, 'r')
  try {
    const head = Buffer.alloc(bytes)
    return head.subarray(0, readSync(file, head, 0, bytes, 0))
  } finally {
    closeSync(file)
  }
}

/**
 * What a file is. @param shown how messages call it
 * @throws PylonError bad-data for what is known and not read, and for bytes that are no text
 */
export function containerOf(path: string, shown = path): Container {
  const head = headOf(path)
  const known = READ.find(([, signature]) => begins(head, signature))
  if (known !== undefined) return known[0]
  const unread = UNREAD.find(([, , signature]) => begins(head, signature))
  if (unread !== undefined) throw badData(`This is ${unread[0]}, which Pylon does not read. ${unread[1]}.`, shown)
  const wide = begins(head, [0, [0xff, 0xfe]]) || begins(head, [0, [0xfe, 0xff]]) || isWideWithoutMark(head)
  if (!wide && head.includes(0) && !isUtf8(head.subarray(0, -4).filter((byte) => byte !== 0)))
    throw badData('This is neither text nor a file of a kind that Pylon reads. Write the table as CSV or Parquet.', shown)
  if (wide) return 'text'
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (/^<(!doctype html|html|\?xml)/i.test(text))
    throw badData('This is a page of HTML or XML, not a table: perhaps the answer of a site that wanted a login. Download it again.', shown)
  return /^(\{\s*(?:["'}]|u['"])|\[\s*[[{"\]])/.test(text) && !/^\[[^\]\n]*\][^\n,\]]*[,;\t]/.test(text) ? 'json' : 'text'
}

function begins(head: Buffer, [at, bytes]: Signature): boolean {
  const wanted = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes)
  return head.subarray(at, at + wanted.length).equals(wanted)
}

/** UTF-16 without its mark: every other byte of plain text is 0. */
function isWideWithoutMark(head: Buffer): boolean {
  const zeros = [0, 0]
  for (let i = 0; i + 1 < head.length; i += 2) for (const odd of [0, 1]) if (head[i + odd] === 0) zeros[odd]!++
  const half = head.length / 2
  return half >= 4 && Math.max(...zeros) > 0.7 * half && Math.min(...zeros) < 0.1 * half
}
