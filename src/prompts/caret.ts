/**
 * Where a column goes: the editor that had the caret last. Editors come and go, so it is asked
 * for when it is needed.
 */
export class Caret {
  private node: HTMLTextAreaElement | null = null;

  /** The caret stands in this editor now. */
  take(node: HTMLTextAreaElement): void {
    this.node = node;
  }

  /** Write at the caret, or else at the end of the first editor in `place`. */
  insert(piece: string, place: Element | null): void {
    const known = this.node?.isConnected ? this.node : null;
    const node = known ?? place?.querySelector('textarea') ?? null;
    if (!node) {
      return;
    }
    if (!known) {
      node.setSelectionRange(node.value.length, node.value.length);
    }
    node.focus();
    write(node, piece);
  }
}

/** As if it was typed: undone by the browser's own undo, and heard by the editor's owner. */
function write(node: HTMLTextAreaElement, piece: string): void {
  // The only way of writing that keeps the undo history; not every browser has it.
  const typed =
    typeof document.execCommand === 'function' &&
    document.execCommand('insertText', false, piece);
  if (!typed) {
    const { selectionStart: start, selectionEnd: end } = node;
    node.setRangeText(piece, start, end, 'end');
    node.dispatchEvent(new Event('input', { bubbles: true }));
  }
}
