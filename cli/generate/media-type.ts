/** Whether a media type or a range of them allows JSON: `application/json; charset=utf-8`, `application/*+json`, `*⁄*`. */
export function allowsJson(mediaType: string): boolean {
  const essence = essenceOf(mediaType);
  return /^(\*|application)\/\*$|[/+]json$/.test(essence);
}

/** The Content-Type to send: itself, unless it is a range. */
export function toContentType(mediaType: string): string {
  return mediaType.includes("*") ? "application/json" : mediaType;
}

function essenceOf(mediaType: string): string {
  return (mediaType.split(";")[0] ?? "").trim().toLowerCase();
}
