"""The run side: it reads the contract and knows no language."""
