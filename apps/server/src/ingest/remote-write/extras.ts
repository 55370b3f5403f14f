/** What a message of remote write holds beside float samples: counted, not stored. */
export interface RemoteWriteExtras {
  /** Native histogram samples. */
  histograms: number;
  exemplars: number;
}

export const noExtras = (): RemoteWriteExtras => ({ histograms: 0, exemplars: 0 });
