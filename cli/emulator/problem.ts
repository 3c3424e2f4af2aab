/** An envelope with a code like those that the emulator makes up, since EngageLab documents none. */
export function envelope(status: number, message: string): { code: number; message: string } {
  return { code: 99_000_000 + status, message: `(emulator) ${message}` };
}

export function problem(status: number, message: string): Response {
  return Response.json(envelope(status, message), { status });
}
