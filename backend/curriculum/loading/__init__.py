"""From files to rows: snapshot -> reading -> assembling (renders, checks references) -> storing."""
