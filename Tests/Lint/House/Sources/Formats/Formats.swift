public import Trade

// import Ledger: not an import
let words = "import Ledger"
