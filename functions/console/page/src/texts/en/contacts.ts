export const contacts = {
  intro: 'Each patient is one contact in Xero.',
  search: 'Search on this page',
  columns: { patient: 'Patient', reference: 'Code', contact: 'Name in Xero', state: 'State', actions: 'Actions' },
  states: {
    linked: 'In Xero',
    not_sent: 'Not sent yet',
    archived: 'Archived in Xero',
    erased: 'Erased',
  } as Record<string, string>,
  explain: {
    archived: 'Somebody archived this contact in Xero. Restore it there, then send it again.',
    erased: "The patient's details were erased.",
  } as Record<string, string>,
  sameName:
    'Patients with the same name stay apart: the second one gets its code behind the name in Xero. A contact merged in Xero is followed to the one it was merged into.',
  sync: 'Send to Xero',
  syncOf: (who: string) => `Send ${who} to Xero`,
  synced: (who: string) => `${who} is in Xero`,
  unchanged: (who: string) => `${who} was up to date already`,
  none: 'No patients yet',
  noneText: "They come from your clinic's app. The Developer tab shows how.",
  noneMatch: 'Nothing on this page matches',
}
