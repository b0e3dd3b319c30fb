import { PDFDocument, StandardFonts } from 'pdf-lib';

export type Label = {
  readonly id: string;
  readonly trackingNumber: string;
  readonly reference: string;
  readonly service: string;
  readonly direction: 'outbound' | 'return';
  readonly fromCountry: string;
  readonly toCountry: string;
  readonly toPostalCode: string | null;
  readonly parcelCount: number;
  readonly createdAt: string;
};

/** A label of 4 × 6 inches. The same label gives the same bytes: its dates are its own. */
export async function renderLabel(label: Label): Promise<Uint8Array> {
  const document = await PDFDocument.create();
  const createdAt = new Date(label.createdAt);
  document.setTitle(`Label ${label.trackingNumber}`);
  document.setCreationDate(createdAt);
  document.setModificationDate(createdAt);
  const font = await document.embedFont(StandardFonts.HelveticaBold);
  const page = document.addPage([288, 432]);
  const destination = [label.toCountry, label.toPostalCode].filter((part) => part !== null);
  const lines = [
    label.direction === 'return' ? 'RETURN' : 'OUTBOUND',
    `Service: ${label.service}`,
    `From: ${label.fromCountry}`,
    `To: ${destination.join(' ')}`,
    `Parcels: ${label.parcelCount}`,
    `Reference: ${label.reference}`,
    label.trackingNumber,
  ];
  for (const [position, line] of lines.entries()) {
    page.drawText(printable(line), { x: 24, y: 384 - position * 40, size: 12, font });
  }
  return document.save();
}

/** The standard fonts hold Latin letters only; anything else would make the whole label fail. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 40);
}
