"""Calendar arithmetic of an organization: its periods, its working time, official days. Pure: no Django, no clock."""
