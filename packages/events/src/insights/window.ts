/** What every insight has: the title it is about and the time that it describes. */

export interface Window {
  /** The game title it is about; absent means `LOCAL_TITLE`. Titles never share an insight. */
  readonly title_id?: string;
  readonly window_start: number;
  readonly window_end: number;
}
