/** Every sentence a person reads, by area. To translate: a folder beside `en` with the same files, chosen here. */
import { activity } from './en/activity'
import { contacts } from './en/contacts'
import { developer } from './en/developer'
import { invoices } from './en/invoices'
import { overview } from './en/overview'
import { problems } from './en/problems'
import { shell } from './en/shell'

export const texts = { activity, contacts, developer, invoices, overview, problems, shell }
