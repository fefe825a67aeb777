"""Paper: the voucher and the acceptance slip as PDF, their QR, and reading a voucher back."""
