/** What a dragged adapter is in a DataTransfer; its data is the adapter's id. */
export const ADAPTER_TYPE = 'application/x-ftstudio-adapter';

/** Whether an adapter of the sidebar is being dragged. */
export function isAdapter(transfer: DataTransfer): boolean {
  return transfer.types.includes(ADAPTER_TYPE);
}
