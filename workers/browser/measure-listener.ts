/** Who hears how a measurement in the page goes. */
export interface MeasureListener {
  onStatus(text: string): void;
  /** Passes through the network or image-steps, of all that will be made. */
  onProgress(done: number, total: number): void;
}
