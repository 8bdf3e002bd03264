/** Every sentence a person reads, by area. To translate: a folder beside `en` with the same files, chosen here. */
import { activity } from './en/activity'
import { admin } from './en/admin'
import { completeness } from './en/completeness'
import { contacts } from './en/contacts'
import { developer } from './en/developer'
import { invoices } from './en/invoices'
import { mappings } from './en/mappings'
import { overview } from './en/overview'
import { problems } from './en/problems'
import { shell } from './en/shell'

export const texts = { activity, admin, completeness, contacts, developer, invoices, mappings, overview, problems, shell }
