/** An envelope with a code of the emulator's own: EngageLab documents none for these failures. */
export function envelope(status: number, message: string): { code: number; message: string } {
  return { code: 99_000_000 + status, message: `(emulator) ${message}` };
}

export function problem(status: number, message: string): Response {
  return Response.json(envelope(status, message), { status });
}
