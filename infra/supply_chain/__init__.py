"""What this is made of: bills of materials, licences, known holes."""
