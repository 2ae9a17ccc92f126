/** Of every answer that is no problem document. */
export const JSON_TYPE = 'application/json; charset=utf-8';
