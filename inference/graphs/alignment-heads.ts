/** `[layer, head]` of the decoder. */
export type AlignmentHead = [layer: number, head: number];

interface DecoderShape {
  layers: number;
  heads: number;
  vocabulary: number;
}

/**
 * The heads that follow the audio, as OpenAI found them for each of its models; by layers, heads and vocabulary, `layer.head`. large-v1
 * has the shape of large-v2 and is taken for it. Source: openai/whisper `_ALIGNMENT_HEADS`.
 */
const PUBLISHED: Readonly<Record<string, string>> = {
  // tiny.en, tiny
  '4/6/51864': '1.0 2.0 2.5 3.0 3.1 3.2 3.3 3.4',
  '4/6/51865': '2.2 3.0 3.2 3.3 3.4 3.5',
  // base.en, base
  '6/8/51864': '3.3 4.7 5.1 5.5 5.7',
  '6/8/51865': '3.1 4.2 4.3 4.7 5.1 5.2 5.4 5.6',
  // small.en, small
  '12/12/51864': '6.6 7.0 7.3 7.8 8.2 8.5 8.7 9.0 9.4 9.8 9.10 10.0 10.1 10.2 10.3 10.6 10.11 11.2 11.4',
  '12/12/51865': '5.3 5.9 8.0 8.4 8.7 8.8 9.0 9.7 9.9 10.5',
  // medium.en, medium
  '24/16/51864': '11.4 14.1 14.12 14.14 15.4 16.0 16.4 16.9 17.12 17.14 18.7 18.10 18.15 20.0 20.3 20.9 20.14 21.12',
  '24/16/51865': '13.15 15.4 15.15 16.1 20.0 23.4',
  // large-v2
  '32/20/51865':
    '10.12 13.17 16.11 16.12 16.13 17.15 17.16 18.4 18.11 18.19 19.11 21.2 21.3 22.3 22.9 22.12 23.5 23.7 23.13 25.5 26.1 26.12 27.15',
  // large-v3, large-v3-turbo
  '32/20/51866': '7.0 10.17 12.18 13.12 16.1 17.14 19.11 21.4 24.1 25.6',
  '4/20/51866': '2.4 2.11 3.3 3.6 3.11 3.14',
};

/**
 * The heads whose attention times words: those the model's configuration names, else the published ones of its shape, else, as
 * Whisper does where nobody has measured, every head of the upper half of the layers. A configuration that names heads the model
 * does not have is its teacher's (distilled models carry it along) and counts as none.
 */
export function chooseAlignmentHeads(shape: DecoderShape, configured: readonly AlignmentHead[] | undefined): AlignmentHead[] {
  const { layers, heads, vocabulary } = shape;
  const isUsable = configured?.every(([layer, head]) => layer < layers && head < heads) ?? false;
  if (configured !== undefined && configured.length > 0 && isUsable) return [...configured];
  const published = PUBLISHED[`${layers}/${heads}/${vocabulary}`];
  if (published !== undefined) return published.split(' ').map(toHead);
  const lower = Math.floor(layers / 2);
  return Array.from({ length: (layers - lower) * heads }, (_, index) => [lower + Math.floor(index / heads), index % heads]);
}

function toHead(text: string): AlignmentHead {
  const [layer = '', head = ''] = text.split('.');
  return [Number(layer), Number(head)];
}
