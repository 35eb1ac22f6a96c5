import type { IDocumentManager } from '@jupyterlab/docmanager';
import { FileDialog } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';
import * as React from 'react';

import { Button } from '../components';
import { useStudio } from '../shell/context';

/** Lets people choose files or a folder of the server; null when they think better of it. */
export interface IPathPicker {
  /** Where files of the server are written to. */
  readonly contents: Contents.IManager;
  files(title: string, extensions: string[]): Promise<string[] | null>;
  folder(title: string): Promise<string | null>;
}

/** JupyterLab's own file dialog as a picker. */
export class PathPicker implements IPathPicker {
  constructor(private manager: IDocumentManager) {}

  get contents(): Contents.IManager {
    return this.manager.services.contents;
  }

  async files(title: string, extensions: string[]): Promise<string[] | null> {
    const result = await FileDialog.getOpenFiles({
      manager: this.manager,
      title,
      filter: model =>
        model.type === 'directory' ||
        extensions.some(end => model.name.toLowerCase().endsWith(end))
          ? {}
          : null
    });
    const chosen = (result.value ?? [])
      .filter(model => model.type !== 'directory')
      .map(model => this.local(model.path));
    return result.button.accept && chosen.length ? chosen : null;
  }

  async folder(title: string): Promise<string | null> {
    const result = await FileDialog.getExistingDirectory({
      manager: this.manager,
      title
    });
    const chosen = result.value?.[0];
    return result.button.accept && chosen ? this.local(chosen.path) : null;
  }

  private local(path: string): string {
    return this.contents.localPath(path);
  }
}

/** The button behind a path field. */
export function BrowseButton(props: {
  onClick: () => void;
  label: string;
}): JSX.Element {
  const { trans } = useStudio();
  return (
    <Button
      label={trans.__('Browse…')}
      title={props.label}
      onClick={props.onClick}
      className="jp-FtStudio-browse"
    />
  );
}

/** The last part of a path: a name to propose for a folder. */
export function folderName(path: string): string {
  return path.replace(/\/+$/, '').split('/').pop() ?? '';
}

/** The last part of a path without its ending: a name to propose for a file. */
export function stem(path: string): string {
  return folderName(path).replace(/\.[A-Za-z0-9]+$/, '');
}
