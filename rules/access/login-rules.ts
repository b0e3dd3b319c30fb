/** Why somebody whom the provider knows gets no session, by the rule that says so. */
export const LOGIN_RULES = {
  'person-unknown': 'Whoever logs in has to be entered as a person here first.',
  'person-left': 'Whoever has left logs in no more.',
} as const;

export type LoginRule = keyof typeof LOGIN_RULES;
