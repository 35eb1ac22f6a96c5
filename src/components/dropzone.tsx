import * as React from 'react';

/** Takes files that are dropped from the desktop; `over` tells that some are above it. */
export function useFileDrop(onFiles: (files: File[]) => void): {
  over: boolean;
  handlers: Pick<
    React.DOMAttributes<HTMLElement>,
    'onDragEnter' | 'onDragOver' | 'onDragLeave' | 'onDrop'
  >;
} {
  const [depth, setDepth] = React.useState(0);
  const take = (event: React.DragEvent): boolean => {
    const mine = event.dataTransfer.types.includes('Files');
    if (mine) {
      event.preventDefault();
      event.stopPropagation();
    }
    return mine;
  };
  return {
    over: depth > 0,
    handlers: {
      onDragEnter: event => take(event) && setDepth(old => old + 1),
      onDragLeave: event =>
        take(event) && setDepth(old => Math.max(0, old - 1)),
      onDragOver: event => {
        if (take(event)) {
          event.dataTransfer.dropEffect = 'copy';
        }
      },
      onDrop: event => {
        if (take(event)) {
          setDepth(0);
          onFiles([...event.dataTransfer.files]);
        }
      }
    }
  };
}

/** A place to drop files on, or to choose them by a click or a key. */
export function DropZone(props: {
  label: string;
  /** Endings that the file chooser offers, such as `.csv`. */
  accept: string[];
  onFiles: (files: File[]) => void;
}): JSX.Element {
  const { over, handlers } = useFileDrop(props.onFiles);
  const input = React.useRef<HTMLInputElement>(null);
  return (
    <div
      className="jp-FtStudio-dropZone"
      data-over={over}
      role="button"
      tabIndex={0}
      aria-label={props.label}
      onClick={() => input.current?.click()}
      onKeyDown={event => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          event.stopPropagation();
          input.current?.click();
        }
      }}
      {...handlers}
    >
      {props.label}
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={props.accept.join(',')}
        onClick={event => event.stopPropagation()}
        onChange={event => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          if (files.length) {
            props.onFiles(files);
          }
        }}
      />
    </div>
  );
}
