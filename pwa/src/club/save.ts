/**
 * Gives the reader a file. An app on an iPhone's home screen has no downloads: there the system's own sheet offers to
 * save it. False when that sheet was closed.
 */
export async function saveFile(name: string, content: string): Promise<boolean> {
  const file = new File([content], name, { type: 'application/json' });
  const here = navigator as Navigator & { readonly standalone?: boolean };
  if (here.standalone === true && here.canShare?.({ files: [file] })) {
    return here.share({ files: [file] }).then(
      () => true,
      () => false,
    );
  }
  const address = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return true;
}
