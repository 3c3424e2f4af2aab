/** Recognises binary files by their first bytes. */

const AS_CSV =
  'save it as "CSV UTF-8" and import that. Format the column of ids as text first, since spreadsheets round long numbers';

const SIGNATURES: readonly (readonly [bytes: string, problem: string])[] = [
  ["PK\x03\x04", `is a spreadsheet (.xlsx, .ods) or a zip archive: ${AS_CSV}`],
  ["\xd0\xcf\x11\xe0", `is an old spreadsheet (.xls): ${AS_CSV}`],
  ["%PDF", "is a PDF: export the data as CSV"],
  ["\x1f\x8b", "is compressed with gzip: unpack it first, or use `gunzip -c FILE | engagelab-ma import -`"],
  ["BZh", "is compressed with bzip2: unpack it first"],
  ["\x28\xb5\x2f\xfd", "is compressed with zstd: unpack it first"],
  ["\xfd7zXZ", "is compressed with xz: unpack it first"],
  ["7z\xbc\xaf", "is a 7z archive: unpack it first"],
  ["PAR1", "is a Parquet file: export the data as CSV or NDJSON"],
  ["{\\rtf", "is a text document (.rtf): export the data as CSV"],
  ["<", `is HTML or XML, as some programs write with the name .xls: open it in a spreadsheet and ${AS_CSV}`],
];

/** Says what the file is if it can't be CSV or NDJSON. Completes the sentence "FILE …". */
export function binaryProblem(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.subarray(0, 16)).toString("latin1");
  const start = text.replace(/^\xef\xbb\xbf/, "").trimStart();
  return SIGNATURES.find(([bytes]) => start.startsWith(bytes) || text.startsWith(bytes))?.[1];
}
