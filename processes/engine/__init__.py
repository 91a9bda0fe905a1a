"""Pure computation about procedures: dataclasses in, dataclasses out. Imports no Django."""
