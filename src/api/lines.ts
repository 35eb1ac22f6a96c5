/** Cuts a stream of bytes into JSON values, one a line; a line may come in pieces. */
export class LineReader {
  /** The whole lines that are complete with this piece. */
  push(piece: Uint8Array): unknown[] {
    return this.take(this.decoder.decode(piece, { stream: true }));
  }

  /** What is left at the end: a last line without its newline. */
  end(): unknown[] {
    return this.take(`${this.decoder.decode()}\n`);
  }

  private take(text: string): unknown[] {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    return lines.filter(line => line.trim()).map(line => JSON.parse(line));
  }

  private decoder = new TextDecoder();
  private rest = '';
}

/** Hands on every JSON line of an answer as soon as it has come. */
export async function readLines<T>(
  body: ReadableStream<Uint8Array>,
  take: (value: T) => void
): Promise<void> {
  const reader = body.getReader();
  const lines = new LineReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const values = done ? lines.end() : lines.push(value);
      values.forEach(item => take(item as T));
      if (done) {
        return;
      }
    }
  } finally {
    reader.releaseLock();
  }
}
